package xiexustest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// get sends a GET to the relay, as a program that only knows HTTP would, and returns
// the response with its body.
func get(t *testing.T, relay *xiexustest.Relay, path string, headers ...string) (*http.Response, string) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, relay.BaseURL()+path, http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+relay.APIKey())
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := relay.HTTPClient().Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(body)
}

// read reads a task and returns the body of the response.
func read(t *testing.T, relay *xiexustest.Relay, id string) string {
	_, body := get(t, relay, "/v1/video/generations/"+id)
	return body
}

// recordingTB records cleanups.
type recordingTB struct{ cleanups []func() }

func (*recordingTB) Helper()             {}
func (tb *recordingTB) Cleanup(f func()) { tb.cleanups = append(tb.cleanups, f) }

func TestNewRelay_ClosesWhenTheTestEnds(t *testing.T) {
	var tb recordingTB
	relay := xiexustest.NewRelay(&tb)
	relay.Add("task", xiexustest.Completes(0, ""))
	require.NotEmpty(t, read(t, relay, "task"))
	require.Len(t, tb.cleanups, 1)
	tb.cleanups[0]()
	_, err := relay.HTTPClient().Get(relay.BaseURL())
	require.ErrorContains(t, err, "the fake relay is closed")
}

func TestRelay_OptionsReachIt(t *testing.T) {
	tests := []struct {
		name string
		opts []xiexustest.Option
		key  string
	}{
		{"default key", nil, xiexustest.DefaultAPIKey},
		{"own key", []xiexustest.Option{xiexustest.WithAPIKey("sk-own"), nil}, "sk-own"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := xiexustest.NewRelay(t, test.opts...)
			require.Equal(t, test.key, relay.APIKey())
			relay.Add("task", xiexustest.Completes(0, ""))
			client, err := xiexus.New(relay.Options()...)
			require.NoError(t, err)
			task, err := client.Get(t.Context(), "task")
			require.NoError(t, err)
			require.Equal(t, xiexus.StatusCompleted, task.Status)
			require.Equal(t, "Bearer "+test.key, relay.Requests()[0].Header.Get("Authorization"))
		})
	}
}

func TestRelay_WaitsInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		relay.Add("task", xiexustest.Completes(90*time.Second, "https://cdn.example.com/a.mp4"))
		relay.Fail("task", xiexustest.Fault{Status: http.StatusBadGateway})
		client, err := xiexus.New(relay.Options()...)
		require.NoError(t, err)
		start := time.Now()
		task, err := client.Wait(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, "https://cdn.example.com/a.mp4", task.URL)
		require.GreaterOrEqual(t, time.Since(start), 90*time.Second)
	})
}

func TestRelay_ServesOnARealPort(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	relay.Add("task", xiexustest.Completes(0, ""))
	server := httptest.NewServer(relay)
	defer server.Close()
	client, err := xiexus.New(xiexus.WithAPIKey(relay.APIKey()), xiexus.WithBaseURL(server.URL))
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	task, err := client.Get(t.Context(), "task")
	require.NoError(t, err)
	require.True(t, task.Done())
}

func TestRelay_RejectsAsRealOnesDo(t *testing.T) {
	tests := []struct {
		name, path, key, language string
		status                    int
		want                      string
	}{
		{"wrong key", "/v1/video/generations/task", "sk-wrong", "en", 401, "Invalid token (request id: fake-000001)"},
		{"wrong key, in Chinese", "/v1/video/generations/task", "sk-wrong", "zh-CN", 401, "无效的令牌"},
		{"unknown ID", "/v1/video/generations/nope", "", "", 400, `"code":"task_not_exist"`},
		{"unknown path", "/v1/nope", "", "", 404, "Invalid URL (GET /v1/nope)"},
		{"outside /v1", "/video/generations/task", "", "", 200, "<html>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := xiexustest.NewRelay(t)
			headers := []string{"Accept-Language", test.language}
			if test.key != "" {
				headers = append(headers, "Authorization", "Bearer "+test.key)
			}
			resp, body := get(t, relay, test.path, headers...)
			require.Equal(t, test.status, resp.StatusCode)
			require.Contains(t, body, test.want)
			require.Equal(t, "fake-000001", resp.Header.Get("X-Oneapi-Request-Id"))
		})
	}
}

func TestRelay_AddOnFirstReadStartsTheScriptThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		relay.AddOnFirstRead("task", xiexustest.Completes(10*time.Second, "http://cdn/v"))
		time.Sleep(time.Hour)
		require.Contains(t, read(t, relay, "task"), "queued")
		time.Sleep(10 * time.Second)
		require.Contains(t, read(t, relay, "task"), "completed")
	})
}

func TestRelay_RecordsRequestsUntilTheyAreDiscarded(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	_ = read(t, relay, "a%20b?verbose=true")
	requests := relay.Requests()
	require.Len(t, requests, 1)
	require.Equal(t, http.MethodGet, requests[0].Method)
	require.Equal(t, "/v1/video/generations/a%20b", requests[0].Path)
	require.WithinDuration(t, time.Now(), requests[0].At, time.Minute)
	relay.DiscardRequests()
	require.Empty(t, relay.Requests())
	_ = read(t, relay, "a")
	require.Empty(t, relay.Requests())
	require.Len(t, requests, 1, "what was returned stays")
}

func TestRelay_HostLeadsElsewhere(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	relay.Host("other.example.com:8080", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "other")
	}))
	for address, want := range map[string]string{
		"http://other.example.com:8080/":  "other",
		"https://other.example.com:8080/": "other",
		"https://other.example.com/":      "fake relay",
	} {
		resp, err := relay.HTTPClient().Get(address)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		_ = resp.Body.Close()
		require.Contains(t, string(body), want, address)
	}
}
