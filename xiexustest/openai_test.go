package xiexustest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// openAI sends a request to an endpoint of OpenAI's API.
func openAI(t *testing.T, relay *xiexustest.Relay, method, path, body string) (status int, response map[string]any) {
	req, err := http.NewRequestWithContext(t.Context(), method, relay.BaseURL()+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+relay.APIKey())
	res, err := relay.HTTPClient().Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	content, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &response), "%s", content)
	return res.StatusCode, response
}

func TestOpenAI_ReadsATask(t *testing.T) {
	const url = "https://cdn.example.com/a.mp4"
	for _, test := range []struct {
		name   string
		script xiexustest.Script
		want   map[string]any
	}{
		{"in progress", xiexustest.Completes(100*time.Second, url), map[string]any{"status": "in_progress", "progress": 85.0}},
		{"stored", xiexustest.Completes(time.Minute, url, xiexustest.Stored), map[string]any{
			"status": "completed", "progress": 100.0, "completed_at": 946684860.0, "metadata": map[string]any{"url": url},
		}},
		{"realtime", xiexustest.Completes(time.Minute, url, xiexustest.Realtime), map[string]any{
			"status": "completed", "progress": 100.0, "completed_at": 946684860.0, "metadata": map[string]any{"url": url},
		}},
		{"without a URL", xiexustest.Completes(time.Minute, "", xiexustest.Stored), map[string]any{
			"status": "completed", "progress": 100.0, "completed_at": 946684860.0,
		}},
		{"failed", xiexustest.Fails(time.Minute, "unsafe", xiexustest.Stored), map[string]any{
			"status": "failed", "progress": 100.0, "completed_at": 946684860.0, "error": map[string]any{"code": "", "message": "unsafe"},
		}},
		{"not started", xiexustest.Script{Steps: []xiexustest.Step{{Status: "NOT_START"}}}, map[string]any{"status": "unknown", "progress": 0.0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := xiexustest.NewRelay(t)
				relay.OnCreate(func(xiexus.CreateRequest) xiexustest.Script { return test.script })
				_, created := openAI(t, relay, http.MethodPost, "/v1/videos", `{"model":"sora-2","prompt":"a cat"}`)
				time.Sleep(90 * time.Second)
				status, got := openAI(t, relay, http.MethodGet, "/v1/videos/"+created["id"].(string), "")
				require.Equal(t, http.StatusOK, status)
				test.want["id"], test.want["object"] = created["id"], "video"
				test.want["model"], test.want["created_at"] = "sora-2", 946684800.0
				require.Equal(t, test.want, got)
				require.Equal(t, []string{created["id"].(string)}, relay.Requests()[1].TaskIDs)
			})
		})
	}
}

func TestOpenAI_Errors(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	relay.Add("task_1", xiexustest.Completes(0, ""))
	relay.Fail("task_1", xiexustest.Fault{Status: http.StatusBadGateway})
	relay.FailCreates(xiexustest.Fault{Status: http.StatusTooManyRequests})
	for _, test := range []struct {
		name, method, path, body string
		want                     int
	}{
		{"unknown task", http.MethodGet, "/v1/videos/task_2", "", http.StatusBadRequest},
		{"fault", http.MethodGet, "/v1/videos/task_1", "", http.StatusBadGateway},
		{"no longer", http.MethodGet, "/v1/videos/task_1", "", http.StatusOK},
		{"not JSON", http.MethodPost, "/v1/videos", "{", http.StatusBadRequest},
		{"no model", http.MethodPost, "/v1/videos", `{"prompt":"a cat"}`, http.StatusBadRequest},
		{"no prompt", http.MethodPost, "/v1/videos", `{"model":"sora-2"}`, http.StatusBadRequest},
		{"rejection", http.MethodPost, "/v1/videos", `{"model":"sora-2","prompt":"a cat"}`, http.StatusTooManyRequests},
		{"other path", http.MethodPost, "/v1/videos/task_1", "", http.StatusNotFound},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, _ := openAI(t, relay, test.method, test.path, test.body)
			require.Equal(t, test.want, status)
		})
	}
	require.Empty(t, relay.Created())
}
