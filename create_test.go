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
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// cat is what is asked for.
var cat = xiexus.CreateRequest{Model: "model-1", Prompt: "a cat on a piano"}

func TestCreate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		var asked gen.CreateVideoRequest
		relay.OnCreate(func(request gen.CreateVideoRequest) xiexustest.Script {
			asked = request
			return xiexustest.Completes(time.Minute, video, xiexustest.Stored)
		})
		request := cat
		request.Image, request.Duration, request.Width, request.Seed = "https://i.example.com/1.png", 5.5, 720, 42
		request.Metadata = map[string]any{"negative_prompt": "people", "nested": map[string]any{"n": 1.0}}
		client := newClient(t, relay)
		task, err := client.Create(t.Context(), request)
		require.NoError(t, err)
		require.Equal(t, request, asked)
		require.Equal(t, relay.Created(), []string{task.TaskID})
		require.Equal(t, xiexus.StatusQueued, task.Status)
		require.Equal(t, time.Now().Unix(), task.SubmittedAt.Unix())
		require.Equal(t, 0, *task.Progress)

		task, err = client.Wait(t.Context(), task.TaskID)
		require.NoError(t, err)
		require.Equal(t, video, task.URL)
	})
}

func TestCreateSendsNoZeroValues(t *testing.T) {
	var body string
	client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
		content, err := io.ReadAll(req.Body)
		require.NoError(t, err)
		body = string(content)
		require.Equal(t, "application/json", req.Header.Get("Content-Type"))
		require.Equal(t, "/v1/video/generations", req.URL.Path)
		_, _ = io.WriteString(w, `{"task_id":"task_1","status":"queued"}`)
	})
	_, err := client.Create(t.Context(), cat)
	require.NoError(t, err)
	require.JSONEq(t, `{"model":"model-1","prompt":"a cat on a piano"}`, body)
}

func TestCreateRefusesWhatNoRelayTakes(t *testing.T) {
	relay := newRelay(t)
	client := newClient(t, relay)
	tests := []struct {
		name    string
		request xiexus.CreateRequest
		says    string
	}{
		{"nothing", xiexus.CreateRequest{}, "no model"},
		{"no model", xiexus.CreateRequest{Prompt: "x"}, "no model"},
		{"no prompt", xiexus.CreateRequest{Model: "x"}, "no prompt"},
		{"a blank prompt", xiexus.CreateRequest{Model: "x", Prompt: " \n"}, "no prompt"},
		{"metadata that is no JSON", xiexus.CreateRequest{Model: "x", Prompt: "x", Metadata: map[string]any{"f": func() {}}}, "json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := client.Create(t.Context(), test.request)
			require.ErrorIs(t, err, xiexus.ErrInvalidRequest)
			require.Contains(t, err.Error(), test.says)
		})
	}
	require.Empty(t, relay.Requests())
}

var errAny = errors.New("any error")

func TestAnswersToASubmit(t *testing.T) {
	tests := []struct {
		name, body string
		status     int
		id         string // none is an error
		uncertain  bool
		want       error
	}{
		{"as documented by New API", `{"id":"task_1","task_id":"task_1","object":"video","status":"queued","progress":0,"created_at":1795332152}`, 200, "task_1", false, nil},
		{"an older release", `{"task_id":"task_1","status":""}`, 200, "task_1", false, nil},
		{"only an id", `{"id":"task_1","object":"video"}`, 200, "task_1", false, nil},
		{"a number", `{"id":17,"status":"queued"}`, 200, "17", false, nil},
		{"in an envelope", `{"code":"success","data":{"task_id":"task_1","status":"NOT_START"}}`, 200, "task_1", false, nil},
		{"the id in an envelope", `{"code":"success","message":"","data":"task_1"}`, 200, "task_1", false, nil},
		{"201", `{"task_id":"task_1","status":"queued"}`, 201, "task_1", false, nil},
		{"no id", `{"status":"queued"}`, 200, "", true, xiexus.ErrUnexpectedResponse},
		{"an empty object", `{}`, 200, "", true, xiexus.ErrUnexpectedResponse},
		{"an error with a 200", `{"code":"invalid_request","message":"prompt is required","data":null}`, 200, "", false, xiexus.ErrUnexpectedResponse},
		{"no quota", `{"error":{"code":"insufficient_user_quota","message":"quota","type":"new_api_error"}}`, 403, "", false, xiexus.ErrForbidden},
		{"no such model", `{"error":{"code":"model_not_found","message":"no channel","type":"new_api_error"}}`, 503, "", false, xiexus.ErrUnavailable},
		{"no such model, as a 404", `{"error":{"message":"model nosuch not found","type":"invalid_request_error"}}`, 404, "", false, errAny},
		{"upstream's trouble", `{"code":"fail_to_fetch_task","message":"upstream says no","data":null}`, 500, "", false, xiexus.ErrUnavailable},
		{"half", `{"task_id":"ta`, 200, "", true, xiexus.ErrUnavailable},
		{"larger than allowed", `{"task_id":"task_1","pad":"` + strings.Repeat("x", 2000) + `"}`, 200, "", true, xiexus.ErrResponseTooLarge},
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
				task, err := client.Create(t.Context(), cat)
				require.Equal(t, 1, sent)
				if test.want == nil {
					require.NoError(t, err)
					require.Equal(t, test.id, task.TaskID)
					require.Equal(t, xiexus.StatusQueued, task.Status)
					return
				}
				require.Error(t, err)
				require.NotErrorIs(t, err, xiexus.ErrTaskNotFound, "there was none yet")
				if test.want != errAny {
					require.ErrorIs(t, err, test.want)
				}
				var uncertain *xiexus.CreateUncertainError
				require.Equal(t, test.uncertain, errors.As(err, &uncertain))
				if test.uncertain {
					require.Equal(t, "req-1", uncertain.RequestID)
					require.Contains(t, err.Error(), "req-1")
				}
			})
		})
	}
}

func TestATaskThatWasJustSubmittedMayBeMissing(t *testing.T) {
	ways := map[string]func(*xiexus.Client, context.Context, string) error{
		"Wait": func(c *xiexus.Client, ctx context.Context, id string) error {
			_, err := c.Wait(ctx, id)
			return err
		},
		"Watch": func(c *xiexus.Client, ctx context.Context, id string) error {
			var last error
			for _, err := range c.Watch(ctx, id) {
				last = err
			}
			return last
		},
		"WaitAll": func(c *xiexus.Client, ctx context.Context, id string) error {
			var last error
			for outcome := range c.WaitAll(ctx, slices.Values([]string{id})) {
				last = outcome.Err
			}
			return last
		},
	}
	for name, wait := range ways {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for stores, found := range map[time.Duration]bool{8 * time.Second: true, time.Minute: false} {
					relay := newRelay(t)
					relay.StoreAfter(stores)
					client := newClient(t, relay)
					task, err := client.Create(t.Context(), cat)
					require.NoError(t, err)
					start := time.Now()
					err = wait(client, t.Context(), task.TaskID)
					if found {
						require.NoError(t, err)
						continue
					}
					require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
					require.GreaterOrEqual(t, time.Since(start), 8*time.Second)
					require.Less(t, time.Since(start), 20*time.Second)
				}
			})
		})
	}
	t.Run("another client", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			relay := newRelay(t)
			relay.StoreAfter(time.Minute)
			task, err := newClient(t, relay).Create(t.Context(), cat)
			require.NoError(t, err)
			start := time.Now()
			_, err = newClient(t, relay).Wait(t.Context(), task.TaskID)
			require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
			require.Zero(t, time.Since(start), "it knows nothing of the submit")
		})
	})
}

func TestSubmitsAreNotLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.FailCreates(xiexustest.Fault{Status: http.StatusTooManyRequests})
		var log strings.Builder
		_, err := newClient(t, relay, xiexus.WithLogger(debugLogger(&log))).Create(t.Context(), cat)
		require.NoError(t, err)
		require.Contains(t, log.String(), "the task was not taken, trying again")
		require.NotContains(t, log.String(), cat.Prompt)
		require.NotContains(t, log.String(), testKey[3:])
	})
}
