package command

import (
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/status"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestWork_ServesMetrics(t *testing.T) {
	f := newFleet(t)
	f.relay.Add("task_1", xiexustest.Completes(0, ""))
	require.Equal(t, 0, f.run(t.Context(), "submit", "task_1").code)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	stop := f.work("--listen", address)
	f.until("the result", func(s status.Status) bool { return s.Done.Completed == 1 && s.Waiting.Shards == 0 })

	require.Equal(t, "ok\n", f.get("http://"+address+"/healthz"))
	metrics := f.get("http://" + address + "/metrics")
	require.Contains(t, metrics, `xiexus_fleet_results_total{kind="completed"} 1`)
	require.NotContains(t, metrics, "task_1")
	require.NotContains(t, metrics, xiexustest.DefaultAPIKey)
	require.Equal(t, 0, stop().code)
}

func (f *fleet) get(url string) string {
	request, err := http.NewRequestWithContext(f.t.Context(), http.MethodGet, url, nil)
	require.NoError(f.t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(f.t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(f.t, err)
	return string(body)
}

func TestWork_RejectsInvalidAddress(t *testing.T) {
	f := newFleet(t)
	out := f.run(t.Context(), "work", "--listen", "nowhere")
	require.Equal(t, exitUsage, out.code, out.stderr)
	require.Contains(t, out.stderr, "--listen")
}
