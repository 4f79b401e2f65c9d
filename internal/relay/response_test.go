package relay_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

func TestReader_ReadCreated(t *testing.T) {
	tests := []struct {
		name, body string
		id         string
		status     gen.VideoTaskStatus
	}{
		{"New API, August 2026", `{"id":"t","task_id":"t","object":"video","model":"m","status":"queued","progress":0,"created_at":1795332152}`, "t", "queued"},
		{"with seconds and size", `{"id":"t","task_id":"t","status":"queued","seconds":"4","size":"720x1280"}`, "t", "queued"},
		{"an empty status", `{"task_id":"t","status":""}`, "t", "queued"},
		{"already in progress", `{"task_id":"t","status":"processing"}`, "t", "in_progress"},
		{"only an id", `{"id":"t"}`, "t", "queued"},
		{"two ids", `{"id":"other","task_id":"t"}`, "t", "queued"},
		{"the id in an envelope", `{"code":"success","data":"t"}`, "t", "queued"},
		{"the task in an envelope", `{"code":"success","data":{"task_id":"t","status":"NOT_START"}}`, "t", "queued"},
		{"a number", `{"id":12}`, "12", "queued"},
		{"a number as task_id", `{"task_id":12}`, "12", "queued"},
		{"code 0, and the id in data", `{"code":0,"data":{"id":"t"}}`, "t", "queued"},
		{"another ID beside that of the request", `{"video_id":"t","request_id":"r","message":"video accepted"}`, "t", "queued"},
		{"no error", `{"id":"t","error":null,"success":true}`, "t", "queued"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, failure := relay.Reader{MaxSize: 1 << 10}.ReadCreated(newResponse(http.StatusOK, test.body))
			require.Nil(t, failure)
			require.Equal(t, test.id, got.Task.TaskID)
			require.Equal(t, test.status, got.Task.Status)
		})
	}
}

// A 2xx without the id of a task is an error, even if it has another id.
func TestReader_ReadCreatedWithoutAnID(t *testing.T) {
	tests := []struct {
		name, body string
		want       relay.Failure // without StatusCode, Message and Cause
	}{
		{"incomplete", `{"task_id":"t`, relay.Failure{Cut: true}},
		{"empty", "", relay.Failure{Cut: true}},
		{"no id", `{"status":"queued"}`, relay.Failure{}},
		{"a list", `[]`, relay.Failure{}},
		{"a front page", "<html>", relay.Failure{Page: true}},
		{"a word as code", `{"code":"invalid_request","message":"m"}`,
			relay.Failure{Code: "invalid_request", Relay: true, Rejected: true}},
		{"an error with an id", `{"error":{"message":"m","code":"insufficient_quota"},"id":"req_1"}`,
			relay.Failure{Code: "insufficient_quota", Relay: true, Rejected: true}},
		{"an error with data", `{"code":"insufficient_user_quota","message":"m","data":"details"}`,
			relay.Failure{Code: "insufficient_user_quota", Relay: true, Rejected: true}},
		{"an error with a number", `{"code":1,"message":"m","id":"req-1"}`, relay.Failure{Code: "1"}},
		{"a sentence", `{"code":0,"data":"submitted successfully"}`, relay.Failure{}},
		{"a URL", `{"code":0,"data":"https://cdn.example.com/v.mp4"}`, relay.Failure{}},
		{"JSON without an ID", `{"code":0,"data":"{\"a\":1}"}`, relay.Failure{}},
		{"0 as task_id", `{"task_id":0}`, relay.Failure{}},
		{"booleans as ids", `{"task_id":true,"id":false,"data":true}`, relay.Failure{}},
		{"no success", `{"success":false,"message":"m","data":"x"}`, relay.Failure{}},
		{"success without an id", `{"code":0,"data":{}}`, relay.Failure{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, got := relay.Reader{MaxSize: 1 << 10}.ReadCreated(newResponse(http.StatusOK, test.body))
			require.NotNil(t, got)
			require.NotEmpty(t, got.Message)
			test.want.StatusCode, test.want.Message, test.want.Cause = http.StatusOK, got.Message, got.Cause
			requireFailure(t, &test.want, got)
		})
	}
}

func TestReader_ReadFailure(t *testing.T) {
	resp := newResponse(http.StatusForbidden, `{"code":"blocked","message":"m"}`)
	got := relay.Reader{MaxSize: 1 << 10}.ReadFailure(resp)
	requireFailure(t, &relay.Failure{StatusCode: http.StatusForbidden, Code: "blocked", Message: "m"}, got)
	require.True(t, resp.Body.(*tracked).closed)
}

// Responses that no relay is known to send, and that must not be misread.
func TestReader_EnvelopeStatusIsNotTheTasks(t *testing.T) {
	for name, body := range map[string]string{
		"success": `{"status":"success","message":"","data":{"task_id":"t1","status":"IN_PROGRESS"}}`,
		"failed":  `{"status":"failed","data":{"task_id":"t1","status":"IN_PROGRESS"}}`,
		"an id":   `{"task_id":"t1","data":{"task_id":"t1","status":"IN_PROGRESS"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			task := readTask(t, body)
			require.Equal(t, "t1", task.TaskID)
			require.Equal(t, gen.VideoTaskStatusInProgress, task.Status)
		})
	}
}

func TestReader_UpstreamTaskInDataIsNotTheTask(t *testing.T) {
	task := readTask(t, `{"task_id":"t1","status":"","submit_time":1795330000,"data":{"task_id":"up","status":"completed"}}`)
	require.Equal(t, "t1", task.TaskID)
	require.Equal(t, relay.StatusUnknown, task.Status)
}
