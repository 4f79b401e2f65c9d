package metrics

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/worker"
)

func get(t *testing.T, s Snapshot, path string) (int, string) {
	recorder := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	Handler(func() Snapshot { return s }).ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.String()
}

func TestHandler_Metrics(t *testing.T) {
	code, body := get(t, Snapshot{
		Presence:    worker.Presence{Name: "w1", Requests: 12, Polls: 300, Errors: 4, Created: 5, Shards: 2},
		Kinds:       map[string]int64{"completed": 8, "failed": 1},
		PausedUntil: time.Now().Add(-time.Minute),
		IsConnected: true,
	}, "/metrics")
	require.Equal(t, http.StatusOK, code)
	for _, line := range []string{
		"xiexus_fleet_requests_total 12\n", "xiexus_fleet_polls_total 300\n", "xiexus_fleet_poll_errors_total 4\n",
		"xiexus_fleet_created_total 5\n", "xiexus_fleet_shards 2\n", "xiexus_fleet_paused_seconds 0\n", "xiexus_fleet_nats_connected 1\n",
		`xiexus_fleet_results_total{kind="completed"} 8` + "\n", `xiexus_fleet_results_total{kind="failed"} 1` + "\n",
	} {
		require.Contains(t, body, line)
	}
	require.NotContains(t, body, "w1", "the address identifies the worker")
}

func TestHandler_MetricsWhilePaused(t *testing.T) {
	_, body := get(t, Snapshot{PausedUntil: time.Now().Add(time.Hour)}, "/metrics")
	require.Contains(t, body, "xiexus_fleet_nats_connected 0\n")
	require.Regexp(t, `xiexus_fleet_paused_seconds 3\d{3}\.`, body)
}

func TestHandler_Health(t *testing.T) {
	for name, test := range map[string]struct {
		connected bool
		code      int
		body      string
	}{
		"connected":    {true, http.StatusOK, "ok\n"},
		"disconnected": {false, http.StatusServiceUnavailable, "not connected to NATS\n"},
	} {
		t.Run(name, func(t *testing.T) {
			code, body := get(t, Snapshot{IsConnected: test.connected}, "/healthz")
			require.Equal(t, test.code, code)
			require.Equal(t, test.body, body)
		})
	}
	code, _ := get(t, Snapshot{}, "/")
	require.Equal(t, http.StatusNotFound, code)
}
