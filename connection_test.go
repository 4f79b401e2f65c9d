package xiexus_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// newServer returns a server on loopback and a client of it. Each change of a
// connection's state is passed to a function.
func newServer(t *testing.T, connState func(http.ConnState)) *xiexus.Client {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"task_id":"task","status":"completed"}`))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) { connState(state) }
	server.Start()
	t.Cleanup(server.Close)
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(server.URL))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func TestClient_ReusesConnections(t *testing.T) {
	var dialed atomic.Int64
	client := newServer(t, func(state http.ConnState) {
		if state == http.StateNew {
			dialed.Add(1)
		}
	})
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
	require.Less(t, dialed.Load(), int64(2*tasks), "with net/http's own limit it is nearly four times as many")
}

func TestClient_CloseIdleConnections(t *testing.T) {
	closed := make(chan struct{})
	client := newServer(t, func(state http.ConnState) {
		if state == http.StateClosed {
			close(closed)
		}
	})
	_, err := client.Get(t.Context(), "task")
	require.NoError(t, err)
	client.CloseIdleConnections()
	select {
	case <-closed:
	case <-time.After(30 * time.Second):
		t.Fatal("the connection is still open")
	}
}

func TestClient_LeavesTheHTTPClientUnchanged(t *testing.T) {
	httpClient := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("no network here")
	})}
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithHTTPClient(httpClient), xiexus.WithMaxRetries(0))
	require.NoError(t, err)
	_, err = client.Get(t.Context(), "task")
	require.ErrorIs(t, err, xiexus.ErrUnavailable)
	require.Nil(t, httpClient.CheckRedirect)
	require.IsType(t, roundTrip(nil), httpClient.Transport)
}
