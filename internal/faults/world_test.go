package faults_test

import (
	"context"
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

const (
	relayHost = "relay.localhost"
	cdnHost   = "cdn.localhost"

	requestTimeout = 10 * time.Second
	maxWait        = 5 * time.Minute
	taskTime       = time.Minute
	maxSize        = 1 << 20

	longestRetryAfter = 2 * time.Minute
	shortestPause     = 200 * time.Millisecond // after an error
	longestWait       = maxWait + time.Second
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

	pausesApart bool // no request waits for the pause of another
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
		xiexus.WithAPIKeyFunc(w.key), xiexus.WithBaseURL(w.scheme+"://"+relayHost),
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

// key returns the key of a request.
func (w *world) key(ctx context.Context) (string, error) {
	if w.proxy.fault.key != nil && w.proxy.happens() {
		return w.proxy.fault.key(ctx)
	}
	return w.relay.APIKey(), nil
}

// connect makes a connection that the next request uses, to the server of videos or to the relay.
func (w *world) connect(ctx context.Context, videos bool) {
	var err error
	if videos {
		_, err = w.client.Download(ctx, w.finished(), io.Discard)
	} else {
		_, err = w.client.Models(ctx)
	}
	require.NoError(w, err)
	synctest.Wait()
}

func (w *world) close() {
	w.client.CloseIdleConnections()
	w.proxy.close()
	w.client.CloseIdleConnections()
}

// needsTLS reports whether the fault is one of TLS or HTTP/2.
func (f fault) needsTLS() bool {
	return f.tls != nil || f.http2 != nil || strings.Contains(f.name, "TLS") || strings.Contains(f.name, "handshake")
}
