package soak_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// TestSoak_Descriptors reads tasks over real connections, of which the relay breaks one
// request in twenty, and calls end early: no descriptor is left.
func TestSoak_Descriptors(t *testing.T) {
	const concurrency, perCall = 16, 500
	before := openFiles(t)
	var requests atomic.Int64
	stored := &relay{began: time.Now().Add(-time.Hour)} // all tasks have ended
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		resp := stored.respond(req, nil)
		w.Header().Set("Content-Type", "application/json")
		switch requests.Add(1) % 100 {
		case 20, 40:
			panic(http.ErrAbortHandler) // instead of a response
		case 60, 80:
			_, _ = io.CopyN(w, resp.Body, 20)
			panic(http.ErrAbortHandler)
		case 99:
			w.WriteHeader(http.StatusBadGateway)
		}
		_, _ = io.Copy(w, resp.Body)
	}))
	transport := http.DefaultTransport.(*http.Transport).Clone()
	client, err := xiexus.New(xiexus.WithAPIKey("sk-soak-test-key"), xiexus.WithBaseURL(server.URL),
		xiexus.WithHTTPClient(&http.Client{Transport: transport}), xiexus.WithMaxRetries(0))
	require.NoError(t, err)

	most, ended := 0, 0
	for call := 0; ended < *tasks; call++ {
		ctx, cancel := context.WithCancel(t.Context())
		left := perCall
		for range client.GetAll(ctx, ids(perCall), xiexus.WithConcurrency(concurrency), xiexus.WithBatchSize(1)) {
			ended++
			if left--; left == perCall/2 {
				most = max(most, openFiles(t)-before)
				switch call % 3 {
				case 1:
					cancel()
				case 2:
					left = 0
				}
			}
			if left == 0 {
				break
			}
		}
		cancel()
	}
	client.CloseIdleConnections()
	server.Close()
	t.Logf("%d outcomes, %d requests, at most %d descriptors", ended, requests.Load(), most)
	require.Eventually(t, func() bool { return openFiles(t) <= before }, 30*time.Second, time.Millisecond, "connections are left")
	// A connection has two ends in this process. Each request may wait for one while it opens another.
	require.LessOrEqual(t, most, 4*concurrency+10)
}

// openFiles counts the descriptors of this process, where the system lists them.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}
