package xiexus_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// pianoCat is a valid create request.
var pianoCat = xiexus.CreateRequest{Model: "model-1", Prompt: "a cat on a piano"}

func TestCreate_SubmitsATask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		var received xiexus.CreateRequest
		relay.OnCreate(func(request xiexus.CreateRequest) xiexustest.Script {
			received = request
			return xiexustest.Completes(time.Minute, video, xiexustest.Stored)
		})
		request := pianoCat
		request.Image, request.Duration, request.Width, request.Seed = "https://i.example.com/1.png", 5.5, 720, 42
		request.Metadata = map[string]any{"negative_prompt": "people", "nested": map[string]any{"n": 1.0}}
		client := newClient(t, relay)
		task, err := client.Create(t.Context(), request)
		require.NoError(t, err)
		require.Equal(t, request, received)
		require.Equal(t, []string{task.TaskID}, relay.Created())
		require.Equal(t, xiexus.StatusQueued, task.Status)
		require.Equal(t, time.Now().Unix(), task.SubmittedAt.Unix())
		require.Equal(t, 0, *task.Progress)

		task, err = client.Wait(t.Context(), task.TaskID)
		require.NoError(t, err)
		require.Equal(t, video, task.URL)
	})
}

func TestCreate_SendsNoZeroValues(t *testing.T) {
	var sent struct{ path, contentType, body string }
	client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		sent.path, sent.contentType, sent.body = req.URL.Path, req.Header.Get("Content-Type"), string(body)
		_, _ = io.WriteString(w, `{"task_id":"task_1","status":"queued"}`)
	})
	_, err := client.Create(t.Context(), pianoCat)
	require.NoError(t, err)
	require.Equal(t, "/v1/video/generations", sent.path)
	require.Equal(t, "application/json", sent.contentType)
	require.JSONEq(t, `{"model":"model-1","prompt":"a cat on a piano"}`, sent.body)
}

func TestCreate_InvalidRequests(t *testing.T) {
	relay := newRelay(t)
	client := newClient(t, relay)
	tests := []struct {
		name    string
		request xiexus.CreateRequest
		want    string
	}{
		{"empty", xiexus.CreateRequest{}, "invalid request: model is required"},
		{"no model", xiexus.CreateRequest{Prompt: "x"}, "invalid request: model is required"},
		{"no prompt", xiexus.CreateRequest{Model: "x"}, "invalid request: prompt is required"},
		{"blank prompt", xiexus.CreateRequest{Model: "x", Prompt: " \n"}, "invalid request: prompt is required"},
		{"metadata that is not JSON", xiexus.CreateRequest{Model: "x", Prompt: "x", Metadata: map[string]any{"f": func() {}}}, "invalid request: json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			task, err := client.Create(t.Context(), test.request)
			require.Nil(t, task)
			require.ErrorIs(t, err, xiexus.ErrInvalidRequest)
			require.ErrorContains(t, err, test.want)
		})
	}
	require.Empty(t, relay.Requests())
}

func TestCreate_Responses(t *testing.T) {
	tests := []struct {
		name, body string
		status     int
		id         string // empty if the response is an error
		uncertain  bool
		is         error // nil if it is an error of no kind
	}{
		{"as New API documents it", `{"id":"task_1","task_id":"task_1","object":"video","status":"queued","progress":0,"created_at":1795332152}`, 200, "task_1", false, nil},
		{"older release", `{"task_id":"task_1","status":""}`, 200, "task_1", false, nil},
		{"only an id", `{"id":"task_1","object":"video"}`, 200, "task_1", false, nil},
		{"a number as the id", `{"id":17,"status":"queued"}`, 200, "17", false, nil},
		{"task in an envelope", `{"code":"success","data":{"task_id":"task_1","status":"NOT_START"}}`, 200, "task_1", false, nil},
		{"id in an envelope", `{"code":"success","message":"","data":"task_1"}`, 200, "task_1", false, nil},
		{"201", `{"task_id":"task_1","status":"queued"}`, 201, "task_1", false, nil},
		{"no id", `{"status":"queued"}`, 200, "", true, xiexus.ErrUnexpectedResponse},
		{"empty object", `{}`, 200, "", true, xiexus.ErrUnexpectedResponse},
		{"error with a 200", `{"code":"invalid_request","message":"prompt is required","data":null}`, 200, "", false, xiexus.ErrUnexpectedResponse},
		{"no quota", `{"error":{"code":"insufficient_user_quota","message":"quota","type":"new_api_error"}}`, 403, "", false, xiexus.ErrForbidden},
		{"no such model", `{"error":{"code":"model_not_found","message":"no channel","type":"new_api_error"}}`, 503, "", false, xiexus.ErrUnavailable},
		{"no such model as a 404", `{"error":{"message":"model nosuch not found","type":"invalid_request_error"}}`, 404, "", false, nil},
		{"rejected by the upstream", `{"code":"fail_to_fetch_task","message":"upstream rejects it","data":null}`, 500, "", false, xiexus.ErrUnavailable},
		{"truncated", `{"task_id":"ta`, 200, "", true, xiexus.ErrUnavailable},
		{"too large", `{"task_id":"task_1","pad":"` + strings.Repeat("x", 2000) + `"}`, 200, "", true, xiexus.ErrResponseTooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
					sent++
					w.Header().Set("X-Oneapi-Request-Id", "req-1")
					w.WriteHeader(test.status)
					_, _ = io.WriteString(w, test.body)
				}, xiexus.WithMaxRetries(2), xiexus.WithMaxResponseSize(1000))
				task, err := client.Create(t.Context(), pianoCat)
				require.Equal(t, 1, sent)
				if test.id != "" {
					require.NoError(t, err)
					require.Equal(t, test.id, task.TaskID)
					require.Equal(t, xiexus.StatusQueued, task.Status)
					return
				}
				require.Error(t, err)
				require.NotErrorIs(t, err, xiexus.ErrTaskNotFound, "there was none yet")
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
				requireUncertain(t, test.uncertain, err)
				if uncertain := (*xiexus.CreateUncertainError)(nil); errors.As(err, &uncertain) {
					require.Equal(t, "req-1", uncertain.RequestID)
				}
			})
		})
	}
}

// requireUncertain checks whether an error is a [*xiexus.CreateUncertainError].
func requireUncertain(t *testing.T, want bool, err error) {
	t.Helper()
	if !want {
		require.NotErrorAs(t, err, new(*xiexus.CreateUncertainError))
		return
	}
	require.ErrorAs(t, err, new(*xiexus.CreateUncertainError))
	require.ErrorContains(t, err, "the task may have been created and charged")
}

// waits are the ways to wait for a task.
var waits = map[string]func(context.Context, *xiexus.Client, string) error{
	"Wait": func(ctx context.Context, client *xiexus.Client, id string) error {
		_, err := client.Wait(ctx, id)
		return err
	},
	"Watch": func(ctx context.Context, client *xiexus.Client, id string) (last error) {
		for _, err := range client.Watch(ctx, id) {
			last = err
		}
		return last
	},
	"WaitAll": func(ctx context.Context, client *xiexus.Client, id string) (last error) {
		for outcome := range client.WaitAll(ctx, slices.Values([]string{id})) {
			last = outcome.Err
		}
		return last
	},
	"Poll": func(ctx context.Context, client *xiexus.Client, id string) (last error) {
		for cursor := xiexus.NewCursor(id); !cursor.Done; {
			_, cursor, last = client.Poll(ctx, cursor)
		}
		return last
	},
}

// Relays respond to a create request before they store the task.
func TestCreate_TaskThatIsStoredLate(t *testing.T) {
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, storeAfter := range []time.Duration{8 * time.Second, time.Minute} {
					relay := newRelay(t)
					relay.StoreAfter(storeAfter)
					task, err := newClient(t, relay).Create(t.Context(), pianoCat)
					require.NoError(t, err)
					start := time.Now()
					err = wait(t.Context(), newClient(t, relay), task.TaskID)
					if storeAfter < 10*time.Second {
						require.NoError(t, err)
						continue
					}
					require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
					require.GreaterOrEqual(t, time.Since(start), 10*time.Second)
					require.Less(t, time.Since(start), 20*time.Second)
				}
			})
		})
	}
	t.Run("Get", func(t *testing.T) {
		relay := newRelay(t)
		relay.StoreAfter(time.Minute)
		client := newClient(t, relay)
		task, err := client.Create(t.Context(), pianoCat)
		require.NoError(t, err)
		_, err = client.Get(t.Context(), task.TaskID)
		require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
		require.Len(t, relay.Requests(), 2, "it is read once")
	})
}
