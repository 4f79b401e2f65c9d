package xiexus_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestNewReadsTheEnvironmentWhereNoOptionIsGiven(t *testing.T) {
	relay := newRelay(t)
	relay.Add("task", xiexustest.Completes(0, ""))
	t.Setenv(xiexus.EnvAPIKey, " Bearer "+testKey+"\n")
	t.Setenv(xiexus.EnvBaseURL, "relay.localhost/v1/")
	client, err := xiexus.New(xiexus.WithHTTPClient(relay.HTTPClient()))
	require.NoError(t, err)
	require.Equal(t, "xiexus.Client(http://relay.localhost)", client.String())
	_, err = client.Get(t.Context(), "task")
	require.NoError(t, err)

	client, err = xiexus.New(xiexus.WithBaseURL("https://other.example.com"))
	require.NoError(t, err)
	require.Equal(t, "xiexus.Client(https://other.example.com)", client.String(), "an option comes first")

	t.Setenv(xiexus.EnvBaseURL, "")
	client, err = xiexus.New()
	require.NoError(t, err)
	require.Equal(t, "xiexus.Client("+xiexus.DefaultBaseURL+")", client.String())

	t.Setenv(xiexus.EnvAPIKey, "")
	_, err = xiexus.New()
	require.ErrorContains(t, err, xiexus.EnvAPIKey)
}

func TestNewRefusesWhatCannotBeMeant(t *testing.T) {
	tests := []struct {
		name   string
		option xiexus.Option
		says   string
	}{
		{"empty key", xiexus.WithAPIKey(""), "empty"},
		{"key with a space", xiexus.WithAPIKey("sk-a b"), "space"},
		{"no key function", xiexus.WithAPIKeyFunc(nil), "nil"},
		{"no HTTP client", xiexus.WithHTTPClient(nil), "nil"},
		{"no logger", xiexus.WithLogger(nil), "nil"},
		{"negative retries", xiexus.WithMaxRetries(-1), "-1"},
		{"negative timeout", xiexus.WithRequestTimeout(-time.Second), "-1s"},
		{"no size", xiexus.WithMaxResponseSize(0), "0"},
		{"no rate", xiexus.WithRateLimit(0, 1), "0"},
		{"no burst", xiexus.WithRateLimit(1, 0), "0"},
		{"clear text", xiexus.WithBaseURL("http://relay.example.com"), "https"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := xiexus.New(xiexus.WithAPIKey(testKey), test.option)
			require.ErrorContains(t, err, "xiexus: ")
			require.ErrorContains(t, err, test.says)
		})
	}
	_, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL("http://relay.example.com"), xiexus.WithInsecureHTTP())
	require.NoError(t, err)
}

func TestConnectionsAreReusedByManyTasksAtOnce(t *testing.T) {
	var dialled atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"task_id":"task","status":"completed"}`))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dialled.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(server.URL))
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	const tasks = 50
	for range 4 {
		done := make(chan error, tasks)
		for range tasks {
			go func() {
				_, err := client.Get(t.Context(), "task")
				done <- err
			}()
		}
		for range tasks {
			require.NoError(t, <-done)
		}
	}
	require.Less(t, dialled.Load(), int64(2*tasks), "net/http's own limit would make it nearly four times")
}
