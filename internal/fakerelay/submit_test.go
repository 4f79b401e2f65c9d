package fakerelay_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/fakerelay"
)

// submit posts a body and returns the answer's status and body, "" if there was none.
func submit(t *testing.T, relay *fakerelay.Relay, body string) (int, string) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://relay/v1/video/generations", strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := relay.HTTPClient().Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(answer)
}

const good = `{"model":"m","prompt":"p"}`

func TestSubmits(t *testing.T) {
	tests := []struct {
		name, body string
		fault      fakerelay.Fault
		status     int
		says       string
		taken      bool
	}{
		{"taken", good, fakerelay.Fault{}, 200, `"status":"queued"`, true},
		{"no model", `{"prompt":"p"}`, fakerelay.Fault{}, 400, "Model name not specified", false},
		{"no prompt", `{"model":"m"}`, fakerelay.Fault{}, 400, "prompt is required", false},
		{"no JSON", `{`, fakerelay.Fault{}, 400, `"type":"new_api_error"`, false},
		{"refused", good, fakerelay.Fault{Status: 429}, 429, `"code":"fail_to_fetch_task"`, false},
		{"refused in other words", good, fakerelay.Fault{Status: 403, Body: `{"code":"insufficient_user_quota"}`}, 403, "insufficient_user_quota", false},
		{"lost", good, fakerelay.Fault{Reset: true}, 0, "", true},
		{"a gateway's page", good, fakerelay.Fault{Status: 504, HTML: true}, 504, "<html>", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := fakerelay.New(key)
			defer relay.Close()
			relay.FailSubmits(test.fault)
			status, answer := submit(t, relay, test.body)
			require.Equal(t, test.status, status)
			require.Contains(t, answer, test.says)
			require.Equal(t, test.taken, len(relay.Taken()) == 1)
		})
	}
}

func TestSubmittedTasksAppear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := fakerelay.New(key)
		defer relay.Close()
		relay.StoresAfter(5 * time.Second)
		relay.SubmitWithoutStatus()
		_, answer := submit(t, relay, good)
		require.Contains(t, answer, `"status":""`)
		id := relay.Taken()[0]
		require.Contains(t, answer, id)
		missing, _ := ask(t, relay, "/v1/video/generations/"+id, key)
		require.Equal(t, http.StatusBadRequest, missing.StatusCode)
		time.Sleep(5 * time.Second)
		there, _ := ask(t, relay, "/v1/video/generations/"+id, key)
		require.Equal(t, http.StatusOK, there.StatusCode)
	})
}
