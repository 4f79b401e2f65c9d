package xiexus_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
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
		request.Image, request.Size, request.Seconds, request.Seed = "https://i.example.com/1.png", "1280x720", "5", 42
		request.Images, request.Mode, request.InputReference = []string{"a", "b"}, "pro", "https://i.example.com/2.png"
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

func TestCreate_Body(t *testing.T) {
	tests := []struct {
		name    string
		request xiexus.CreateRequest
		want    string // besides the model and the prompt
	}{
		{"zero values are not sent", xiexus.CreateRequest{}, ``},
		{"an intentional zero", xiexus.CreateRequest{Extra: map[string]any{"seed": 0, "n": int64(0)}}, `,"seed":0,"n":0`},
		{"fields that the document does not have", xiexus.CreateRequest{Extra: map[string]any{"cfg_scale": 0.5, "camera": map[string]any{"pan": -1}}}, `,"cfg_scale":0.5,"camera":{"pan":-1}`},
		{"raw JSON", xiexus.CreateRequest{Extra: map[string]any{"big": json.RawMessage("12345678901234567890")}}, `,"big":12345678901234567890`},
		{"extra instead of another field", xiexus.CreateRequest{Seed: 7, Extra: map[string]any{"seed": 8}}, `,"seed":8`},
		{"extra that is not checked", xiexus.CreateRequest{Extra: map[string]any{"duration": 7.5, "fps": -1}}, `,"duration":7.5,"fps":-1`},
		{"size besides width and height", xiexus.CreateRequest{Width: 1280, Height: 720}, `,"width":1280,"height":720,"size":"1280x720"`},
		{"seconds besides a duration", xiexus.CreateRequest{Duration: 10}, `,"duration":10,"seconds":"10"`},
		{"size and seconds of the caller", xiexus.CreateRequest{Width: 1280, Height: 720, Size: "16:9", Duration: 10, Seconds: "8"}, `,"width":1280,"height":720,"size":"16:9","duration":10,"seconds":"8"`},
		{"extra size and seconds", xiexus.CreateRequest{Width: 1, Height: 1, Duration: 5, Extra: map[string]any{"size": "720p", "seconds": 5}}, `,"width":1,"height":1,"size":"720p","duration":5,"seconds":5`},
		{"width alone", xiexus.CreateRequest{Width: 1280}, `,"width":1280`},
		{"seconds that are no number", xiexus.CreateRequest{Seconds: "auto"}, `,"seconds":"auto"`},
		{"characters that look like damage", xiexus.CreateRequest{User: "\\ufffd \ufffd 视频"}, `,"user":"\\ufffd \ufffd 视频"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var sent struct{ path, contentType, body string }
			client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
				body, _ := io.ReadAll(req.Body)
				sent.path, sent.contentType, sent.body = req.URL.Path, req.Header.Get("Content-Type"), string(body)
				_, _ = io.WriteString(w, `{"task_id":"task_1","status":"queued"}`)
			})
			test.request.Model, test.request.Prompt = "model-1", "a cat"
			_, err := client.Create(t.Context(), test.request)
			require.NoError(t, err)
			require.Equal(t, "/v1/video/generations", sent.path)
			require.Equal(t, "application/json", sent.contentType)
			require.JSONEq(t, `{"model":"model-1","prompt":"a cat"`+test.want+`}`, sent.body)
			if big := test.request.Extra["big"]; big != nil {
				require.Contains(t, sent.body, "12345678901234567890")
			}
		})
	}
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
		{"extra that is not JSON", xiexus.CreateRequest{Model: "x", Prompt: "x", Extra: map[string]any{"f": func() {}}}, `invalid request: field "f": json`},
		{"fraction of a second", xiexus.CreateRequest{Model: "x", Prompt: "x", Duration: 7.5}, "whole number of seconds"},
		{"fraction of a second as text", xiexus.CreateRequest{Model: "x", Prompt: "x", Seconds: " 7.5"}, "whole number"},
		{"negative length", xiexus.CreateRequest{Model: "x", Prompt: "x", Duration: -5}, "non-negative"},
		{"negative seconds", xiexus.CreateRequest{Model: "x", Prompt: "x", Seconds: "-5"}, "non-negative"},
		{"length that is not a number", xiexus.CreateRequest{Model: "x", Prompt: "x", Duration: math.NaN()}, "whole number"},
		{"endless", xiexus.CreateRequest{Model: "x", Prompt: "x", Duration: math.Inf(1)}, "whole number"},
		{"negative width", xiexus.CreateRequest{Model: "x", Prompt: "x", Width: -1}, "negative"},
		{"prompt in GBK", xiexus.CreateRequest{Model: "x", Prompt: "\xca\xd3\xc6\xb5"}, "not valid UTF-8"},
		{"metadata in GBK", xiexus.CreateRequest{Model: "x", Prompt: "x", Metadata: map[string]any{"a": []any{"\xca\xd3"}}}, "not valid UTF-8"},
		{"extra in GBK", xiexus.CreateRequest{Model: "x", Prompt: "x", Extra: map[string]any{"\xca\xd3": 1}}, "not valid UTF-8"},
		{"raw JSON in GBK", xiexus.CreateRequest{Model: "x", Prompt: "x", Extra: map[string]any{"a": json.RawMessage("\"\xca\xd3\"")}}, "not valid UTF-8"},
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
		{"no quota", `{"error":{"code":"insufficient_user_quota","message":"quota","type":"new_api_error"}}`, 403, "", false, xiexus.ErrQuotaExceeded},
		{"no such model", `{"error":{"code":"model_not_found","message":"no channel","type":"new_api_error"}}`, 503, "", false, xiexus.ErrModelUnavailable},
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
