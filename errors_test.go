package xiexus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestAPIError_Error(t *testing.T) {
	const request = `read task "task_1": GET http://relay.localhost/v1/video/generations/task_1: `
	tests := []struct {
		name   string
		status int
		header map[string]string
		body   string
		want   string
	}{
		{"missing task", 400, map[string]string{"X-Oneapi-Request-Id": "r1"}, `{"code":"task_not_exist","message":"task_not_exist","data":null}`,
			"400 Bad Request: task_not_exist (request ID r1); check the task ID, and that the key belongs to the account that created the task"},
		{"wrong key", 401, nil, `{"error":{"message":"Invalid token (request id: r2)","type":"new_api_error"}}`,
			"401 Unauthorized: Invalid token (request id: r2); check the API key"},
		{"missing route", 404, nil, `{"error":{"message":"Invalid URL (GET /v1/x)"}}`,
			"404 Not Found: Invalid URL (GET /v1/x); check the base URL"},
		{"web page with a 404", 404, map[string]string{"Content-Type": "text/html"}, "<html></html>",
			"404 Not Found: HTML page instead of JSON; check the base URL"},
		{"web page with a 403", 403, map[string]string{"Content-Type": "text/html"}, "<html></html>",
			"403 Forbidden: HTML page instead of JSON; check the base URL, and any gateway in front of the relay"},
		{"web page with a 400", 400, map[string]string{"Content-Type": "text/html"}, "<html></html>",
			"400 Bad Request: HTML page instead of JSON; check the base URL, and any gateway in front of the relay"},
		{"rate limit", 429, nil, "",
			"429 Too Many Requests; retry later"},
		{"rate limit with Retry-After", 429, map[string]string{"Retry-After": "180"}, "",
			"429 Too Many Requests; retry in 3m0s"},
		{"web page", 200, map[string]string{"Content-Type": "text/html"}, "<html></html>",
			"200 OK: HTML page instead of JSON; the base URL is probably wrong"},
		{"code", 500, nil, `{"code":"get_task_failed","message":"database is locked"}`,
			"500 Internal Server Error: database is locked (code get_task_failed)"},
		{"terminal escapes", 500, nil, `{"code":"x\u001b[2J","message":"a\u001b[31mred\u202e\nline"}`,
			"500 Internal Server Error: a [31mred line (code x [2J)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range test.header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(test.status)
				_, _ = fmt.Fprint(w, test.body)
			})
			_, err := client.Get(t.Context(), "task_1")
			require.EqualError(t, err, request+test.want)
		})
	}
}

func TestAPIError_IsWhenMadeByHand(t *testing.T) {
	tests := []struct {
		err xiexus.APIError
		is  error
	}{
		{xiexus.APIError{StatusCode: 404}, xiexus.ErrTaskNotFound},
		{xiexus.APIError{StatusCode: 400, Code: "task_not_exist"}, xiexus.ErrTaskNotFound},
		{xiexus.APIError{StatusCode: 401}, xiexus.ErrUnauthorized},
		{xiexus.APIError{StatusCode: 403}, xiexus.ErrForbidden},
		{xiexus.APIError{StatusCode: 429}, xiexus.ErrRateLimited},
		{xiexus.APIError{StatusCode: 502}, xiexus.ErrUnavailable},
		{xiexus.APIError{StatusCode: 302}, xiexus.ErrUnexpectedResponse},
		{xiexus.APIError{StatusCode: 404, Method: "POST"}, nil}, // of a create request
		{xiexus.APIError{StatusCode: 400}, nil},
	}
	sentinels := []error{
		xiexus.ErrTaskNotFound, xiexus.ErrUnauthorized, xiexus.ErrForbidden, xiexus.ErrRateLimited, xiexus.ErrUnavailable,
		xiexus.ErrInvalidTaskID, xiexus.ErrUnexpectedResponse, xiexus.ErrResponseTooLarge, xiexus.ErrWaitTimeout, context.Canceled,
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.err.Method, test.err.StatusCode, test.err.Code), func(t *testing.T) {
			for _, sentinel := range sentinels {
				require.Equal(t, errors.Is(test.is, sentinel), errors.Is(&test.err, sentinel), "%v", sentinel)
			}
		})
	}
}

func TestTask_ErrIsNilUnlessItFailed(t *testing.T) {
	for _, status := range []gen.VideoTaskStatus{xiexus.StatusQueued, xiexus.StatusInProgress, xiexus.StatusCompleted, xiexus.StatusUnknown} {
		task := &xiexus.Task{VideoTask: gen.VideoTask{Status: status}}
		require.NoError(t, task.Err())
		require.Equal(t, status == xiexus.StatusCompleted, task.Done())
	}
}

func TestTaskFailedError_Error(t *testing.T) {
	failed := func(reason string) error { // in JSON: the OpenAPI document decides the type of the code
		task := &xiexus.Task{VideoTask: gen.VideoTask{TaskID: "task_1", Status: xiexus.StatusFailed}}
		require.NoError(t, json.Unmarshal([]byte(`{"error":`+reason+`}`), task))
		return task.Err()
	}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"no reason", failed(`null`), `task "task_1" failed: no reason given`},
		{"message and code", failed(`{"code":1001,"message":"unsafe"}`), `task "task_1" failed: unsafe (code 1001)`},
		{"code 0", failed(`{"code":0,"message":"unsafe"}`), `task "task_1" failed: unsafe`},
		{"terminal escapes", failed(`{"message":"a\u001b[31mred\nline"}`), `task "task_1" failed: a [31mred line`},
		{"made by hand", &xiexus.TaskFailedError{Code: "x"}, `the task failed: no reason given (code x)`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { require.EqualError(t, test.err, test.want) })
	}
}

func TestTaskFailedError_CodeMayBeText(t *testing.T) {
	client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"task_id":"t","status":"failed","error":{"code":"content_policy","message":"unsafe"}}`)
	})
	_, err := client.Wait(t.Context(), "t", xiexus.WithMaxWait(time.Second))
	var failed *xiexus.TaskFailedError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "content_policy", failed.Code)
	require.Equal(t, "unsafe", failed.Message)
}

// Programs make errors by hand in their tests.
func TestErrors_MadeByHandCanBePrinted(t *testing.T) {
	for _, err := range []error{
		&xiexus.APIError{}, &xiexus.TaskFailedError{}, &xiexus.WaitError{}, &xiexus.CreateUncertainError{}, &xiexus.DownloadError{},
	} {
		require.NotPanics(t, func() { _ = err.Error() }, "%T", err)
		require.NoError(t, errors.Unwrap(err))
		require.NotErrorIs(t, err, xiexus.ErrInvalidRequest)
	}
}

func TestCreateUncertainError_Error(t *testing.T) {
	const request = `create task with model "model-1": the task may have been created and charged; check the relay's task list`
	tests := []struct {
		name  string
		fault xiexustest.Fault
		want  string
	}{
		{"no response", xiexustest.Fault{Reset: true},
			` before submitting it again: relay unavailable: Post "http://relay.localhost/v1/video/generations": EOF`},
		{"response of a gateway", xiexustest.Fault{Status: 502, HTML: true},
			` for request ID fake-000001 before submitting it again: POST http://relay.localhost/v1/video/generations: ` +
				`502 Bad Gateway: HTML page instead of JSON (request ID fake-000001)`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := newRelay(t)
			relay.FailCreates(test.fault)
			_, err := newClient(t, relay).Create(t.Context(), pianoCat)
			require.EqualError(t, err, request+test.want)
		})
	}
}
