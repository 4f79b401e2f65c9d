package xiexus_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
)

func TestErrorsSayWhatHappenedAndWhatToDo(t *testing.T) {
	answer := func(status int, body string, header ...string) error {
		client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, body)
		})
		_, err := client.Get(t.Context(), "task_1")
		return err
	}
	const asked = `read task "task_1": GET http://relay.localhost/v1/video/generations/task_1: `
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"not found", answer(400, `{"code":"task_not_exist","message":"task_not_exist","data":null}`, "X-Oneapi-Request-Id", "r1"),
			asked + "400 Bad Request: task_not_exist (request id r1); check the id, and that the key is of the account that made the task"},
		{"key", answer(401, `{"error":{"message":"Invalid token (request id: r2)","type":"new_api_error"}}`),
			asked + "401 Unauthorized: Invalid token (request id: r2); check the API key"},
		{"no route", answer(404, `{"error":{"message":"Invalid URL (GET /v1/x)"}}`),
			asked + "404 Not Found: Invalid URL (GET /v1/x); check the base URL"},
		{"rate", answer(429, "", "Retry-After", "180"),
			asked + "429 Too Many Requests; try again in 3m0s"},
		{"front page", answer(200, "<html></html>", "Content-Type", "text/html"),
			asked + "200 OK: a page of HTML instead of JSON; the base URL is probably wrong"},
		{"terminal escapes", answer(500, `{"code":"x\u001b[2J","message":"a\u001b[31mred\u202e\nline"}`),
			asked + "500 Internal Server Error: a [31mred line (code x [2J)"},
		{"failed", (&xiexus.Task{VideoTask: gen.VideoTask{TaskID: "task_1", Status: xiexus.StatusFailed}}).Err(),
			`task "task_1" failed: the relay gives no reason`},
		{"failed for a reason", (&xiexus.Task{VideoTask: gen.VideoTask{
			TaskID: "task_1", Status: xiexus.StatusFailed, Error: &gen.VideoTaskError{Code: 1001, Message: "unsafe"},
		}}).Err(), `task "task_1" failed: unsafe (code 1001)`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { require.EqualError(t, test.err, test.want) })
	}
}

func TestAnAPIErrorMadeByHandIsItsSentinel(t *testing.T) {
	tests := []struct {
		answer xiexus.APIError
		is     error
	}{
		{xiexus.APIError{StatusCode: 404}, xiexus.ErrTaskNotFound},
		{xiexus.APIError{StatusCode: 400, Code: "task_not_exist"}, xiexus.ErrTaskNotFound},
		{xiexus.APIError{StatusCode: 401}, xiexus.ErrUnauthorized},
		{xiexus.APIError{StatusCode: 403}, xiexus.ErrForbidden},
		{xiexus.APIError{StatusCode: 429}, xiexus.ErrRateLimited},
		{xiexus.APIError{StatusCode: 502}, xiexus.ErrUnavailable},
		{xiexus.APIError{StatusCode: 302}, xiexus.ErrUnexpectedResponse},
	}
	sentinels := []error{
		xiexus.ErrTaskNotFound, xiexus.ErrUnauthorized, xiexus.ErrForbidden, xiexus.ErrRateLimited, xiexus.ErrUnavailable,
		xiexus.ErrInvalidTaskID, xiexus.ErrUnexpectedResponse, xiexus.ErrResponseTooLarge, xiexus.ErrWaitTimeout, context.Canceled,
	}
	for _, test := range tests {
		for _, sentinel := range sentinels {
			if sentinel == test.is {
				require.ErrorIs(t, &test.answer, sentinel)
			} else {
				require.NotErrorIs(t, &test.answer, sentinel)
			}
		}
	}
}

func TestATaskThatIsNotFailedHasNoError(t *testing.T) {
	for _, status := range []gen.VideoTaskStatus{xiexus.StatusQueued, xiexus.StatusInProgress, xiexus.StatusCompleted, xiexus.StatusUnknown} {
		task := &xiexus.Task{VideoTask: gen.VideoTask{Status: status}}
		require.NoError(t, task.Err())
		require.Equal(t, status == xiexus.StatusCompleted, task.Done())
	}
}

func TestAFailedTasksCodeMayBeAWord(t *testing.T) {
	client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"task_id":"t","status":"failed","error":{"code":"content_policy","message":"no"}}`)
	})
	_, err := client.Wait(t.Context(), "t", xiexus.WithMaxWait(time.Second))
	var failed *xiexus.TaskFailedError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "content_policy", failed.Code)
}
