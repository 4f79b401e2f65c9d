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
		{"a code of 0, and an id inside", `{"code":0,"data":{"id":"t"}}`, "t", "queued"},
		{"no error", `{"id":"t","error":null,"success":true}`, "t", "queued"},
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
		{"the relay's 500, an upstream's words", 500, `{"error":{"message":"m (request id: 7)","type":"server_error"}}`, false},
		{"a gateway's JSON", 502, `{"code":502,"message":"bad gateway"}`, true},
		{"a gateway's type", 502, `{"error":{"code":"502","type":"bad_gateway"}}`, true},
		{"too late, whoever says so", 504, `{"code":"gateway_timeout","message":"m"}`, true},
		{"the client was too slow, says nginx", 499, "<html>", true},
		{"Cloudflare's timeout", 524, `{"type":"https://developers.cloudflare.com/","status":524}`, true},
		{"an error with an id of its own", 200, `{"error":{"message":"m","code":"insufficient_quota"},"id":"req_1"}`, false},
		{"an error with data", 200, `{"code":"insufficient_user_quota","message":"m","data":"details"}`, false},
		{"an error with a number", 200, `{"code":1,"message":"m","id":"req-1"}`, false},
		{"no success", 200, `{"success":false,"message":"m","data":"x"}`, true},
		{"success without an id", 200, `{"code":0,"data":{}}`, true},
		{"a server of files", 501, "<html>", false},
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
