package faults_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

const (
	relayHost = "relay.localhost"
	cdnHost   = "cdn.localhost"

	requestTimeout = 10 * time.Second
	maxWait        = 5 * time.Minute
	taskTime       = time.Minute
	maxSize        = 1 << 20

	longestRetryAfter = 2 * time.Minute
	longestRead       = 2*longestRetryAfter + 5*time.Second // with two retries
	longestCreate     = longestRead
	longestDownload   = 2*longestRetryAfter + time.Minute
)

// world is what one call meets.
type world struct {
	*testing.T
	proxy  *proxy
	relay  *xiexustest.Relay
	client *xiexus.Client
	scheme string
	dir    string
}

func newWorld(t *testing.T, ca *authority, f fault, always bool) *world {
	t.Helper()
	w := &world{T: t, relay: xiexustest.NewRelay(t), scheme: "http", dir: t.TempDir()}
	cdn := xiexustest.NewCDN()
	cdn.Put("/v.mp4", xiexustest.Delivery{Video: xiexustest.SampleVideo()})
	w.proxy = newProxy(ca, http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		if req.Host == cdnHost {
			cdn.ServeHTTP(rw, req)
			return
		}
		w.relay.ServeHTTP(rw, req)
	}), f, always)
	if f.needsTLS() {
		w.scheme = "https"
	}
	transport := w.proxy.transport()
	client, err := xiexus.New(append(network(transport),
		xiexus.WithAPIKey(w.relay.APIKey()), xiexus.WithBaseURL(w.scheme+"://"+relayHost),
		xiexus.WithRequestTimeout(requestTimeout), xiexus.WithMaxResponseSize(maxSize),
	)...)
	require.NoError(t, err)
	w.client = client
	return w
}

// network are the options of a client that has only a transport.
func network(transport *http.Transport) []xiexus.Option {
	return []xiexus.Option{
		xiexus.WithHTTPClient(&http.Client{Transport: transport}), xiexus.WithDownloadTransport(transport),
	}
}

func (w *world) close() {
	w.client.CloseIdleConnections()
	w.proxy.close()
	w.client.CloseIdleConnections()
}

// call is a call of the client, how long it may take, and what it says of its outcome.
type call struct {
	name  string
	limit time.Duration
	run   func(ctx context.Context, w *world) string
}

var calls = []call{
	{"Get", longestRead, func(ctx context.Context, w *world) string {
		w.relay.Add("task_1", xiexustest.Completes(0, "http://cdn.localhost/v.mp4"))
		task, err := w.client.Get(ctx, "task_1")
		if err == nil {
			require.Equal(w, xiexus.StatusCompleted, task.Status)
		}
		return kindOf(err)
	}},
	{"GetAll", longestRead, func(ctx context.Context, w *world) string {
		ids := w.addTasks(3, 0)
		return w.collect(w.client.GetAll(ctx, slices.Values(ids)), ids)
	}},
	{"Wait", maxWait + time.Second, func(ctx context.Context, w *world) string {
		w.relay.Add("task_1", xiexustest.Completes(taskTime, "http://cdn.localhost/v.mp4"))
		task, err := w.client.Wait(ctx, "task_1", xiexus.WithMaxWait(maxWait))
		require.True(w, err != nil || task.Status == xiexus.StatusCompleted)
		return kindOf(err)
	}},
	{"WaitAll", maxWait + time.Second, func(ctx context.Context, w *world) string {
		ids := w.addTasks(3, taskTime)
		return w.collect(w.client.WaitAll(ctx, slices.Values(ids), xiexus.WithMaxWait(maxWait)), ids)
	}},
	{"Create", longestCreate, create},
	{"create --requests", batchRequests * longestCreate, createBatch},
	{"Download", longestDownload, download},
	{"DownloadFile", longestDownload, downloadFile},
}

func create(ctx context.Context, w *world) string {
	w.proxy.creating = true
	task, err := w.client.Create(ctx, xiexus.CreateRequest{Model: "model-1", Prompt: "a cat"})
	kind := kindOf(err)
	switch {
	case err == nil:
		require.Equal(w, []string{task.TaskID}, w.relay.Created())
	case strings.HasPrefix(kind, uncertain):
		require.LessOrEqual(w, len(w.relay.Created()), 1)
	default:
		require.Empty(w, w.relay.Created(), "tasks that the caller does not know of")
	}
	if w.proxy.creates > 1 {
		kind += fmt.Sprintf(", sent %d times", w.proxy.creates)
	}
	return kind
}

// addTasks adds tasks that take a time, and returns their IDs.
func (w *world) addTasks(n int, d time.Duration) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint("task_", i)
		w.relay.Add(ids[i], xiexustest.Completes(d, "http://cdn.localhost/v.mp4"))
	}
	return ids
}

// collect checks that each ID has exactly one outcome, and returns the kind of the first error.
func (w *world) collect(outcomes func(func(xiexus.Outcome) bool), ids []string) string {
	var seen []string
	var first error
	for outcome := range outcomes {
		seen = append(seen, outcome.TaskID)
		first = cmp.Or(first, outcome.Err)
		require.True(w, outcome.Err != nil || outcome.Task.Status == xiexus.StatusCompleted)
	}
	require.ElementsMatch(w, ids, seen)
	return kindOf(first)
}

// needsTLS reports whether the fault is one of TLS or HTTP/2.
func (f fault) needsTLS() bool {
	return f.tls != nil || f.http2 != nil || strings.Contains(f.name, "TLS") || strings.Contains(f.name, "handshake")
}
