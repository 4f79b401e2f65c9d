package relay_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

func TestReadCreated(t *testing.T) {
	tests := []struct {
		name, body string
		id         string
		status     gen.VideoTaskStatus
	}{
		{"New API, August 2026", `{"id":"t","task_id":"t","object":"video","model":"m","status":"queued","progress":0,"created_at":1795332152}`, "t", "queued"},
		{"with seconds and size", `{"id":"t","task_id":"t","status":"queued","seconds":"4","size":"720x1280"}`, "t", "queued"},
		{"an empty status", `{"task_id":"t","status":""}`, "t", "queued"},
		{"already at work", `{"task_id":"t","status":"processing"}`, "t", "in_progress"},
		{"id alone", `{"id":"t"}`, "t", "queued"},
		{"two ids", `{"id":"other","task_id":"t"}`, "t", "queued"},
		{"the id in an envelope", `{"code":"success","data":"t"}`, "t", "queued"},
		{"the task in an envelope", `{"code":"success","data":{"task_id":"t","status":"NOT_START"}}`, "t", "queued"},
		{"a number", `{"id":12}`, "12", "queued"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer, err := relay.Reader{MaxSize: 1 << 10}.ReadCreated(answered(http.StatusOK, test.body))
			require.NoError(t, err)
			require.Equal(t, test.id, answer.Task.TaskID)
			require.Equal(t, test.status, answer.Task.Status)
		})
	}
}

func TestMayBeTaken(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   bool
	}{
		{"cut off", 200, `{"task_id":"t`, true},
		{"empty", 200, "", true},
		{"no id", 200, `{"status":"queued"}`, true},
		{"a list", 200, `[]`, true},
		{"an error in the relay's words", 200, `{"code":"invalid_request","message":"m"}`, false},
		{"a front page", 200, "<html>", false},
		{"a gateway's page", 502, "<html>", true},
		{"a gateway's silence", 504, "", true},
		{"a timeout", 408, "timeout", true},
		{"the relay's 500", 500, `{"code":"fail_to_fetch_task","message":"m"}`, false},
		{"the relay's 500, other envelope", 500, `{"error":{"message":"m","type":"new_api_error"}}`, false},
		{"a refusal", 400, "bad", false},
		{"no key", 401, "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := relay.Reader{MaxSize: 1 << 10}.ReadCreated(answered(test.status, test.body))
			var told *relay.Error
			require.ErrorAs(t, err, &told)
			require.Equal(t, test.want, told.MayBeTaken())
		})
	}
}
