package sendtrace_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/sendtrace"
)

// The events of a transport, in the order in which net/http reports them.
var (
	getConn   = func(t *httptrace.ClientTrace) { t.GetConn("relay:443") }
	freshConn = func(t *httptrace.ClientTrace) { t.GotConn(httptrace.GotConnInfo{}) }
	idleConn  = func(t *httptrace.ClientTrace) { t.GotConn(httptrace.GotConnInfo{Reused: true}) }
	http1     = func(t *httptrace.ClientTrace) { t.WroteHeaderField("Host", nil) }
	firstByte = func(t *httptrace.ClientTrace) { t.GotFirstResponseByte() }
	http2     = func(t *httptrace.ClientTrace) { t.WroteHeaderField(":method", nil) }
)

// reading reads the body, as what sends it does.
func reading(t *testing.T, req *http.Request) {
	t.Helper()
	body, err := io.ReadAll(req.Body)
	require.NoError(t, err)
	require.Equal(t, "body", string(body))
}

// Not all that sends requests reports events.
func TestTrace_ReadingTheBodyCounts(t *testing.T) {
	type events []func(*httptrace.ClientTrace)
	tests := []struct {
		name   string
		before events
		after  events
		plain  bool // sent by an http.Transport
	}{
		{"nothing reported", nil, nil, true},
		{"no connection before", events{getConn}, nil, true},
		{"no connection afterwards", nil, events{getConn}, true},
		{"a fresh connection", events{getConn, freshConn}, nil, true},
		{"an idle connection", events{getConn, idleConn}, nil, true},
		{"an idle connection that was closed", events{getConn, idleConn}, events{getConn}, false},
	}
	for _, test := range tests {
		for _, opaque := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, opaque: %v", test.name, opaque), func(t *testing.T) {
				trace := sendtrace.Trace{Opaque: opaque}
				req, err := http.NewRequest(http.MethodPost, "https://relay", strings.NewReader("body"))
				require.NoError(t, err)
				traced := trace.Start(req)
				hooks := httptrace.ContextClientTrace(traced.Context())
				for _, event := range test.before {
					event(hooks)
				}
				reading(t, traced)
				for _, event := range test.after {
					event(hooks)
				}
				require.Equal(t, test.plain || opaque, trace.MayHaveBeenSent())
			})
		}
	}
	t.Run("a second body", func(t *testing.T) {
		var trace sendtrace.Trace
		req, err := http.NewRequest(http.MethodPost, "https://relay", strings.NewReader("body"))
		require.NoError(t, err)
		traced := trace.Start(req)
		traced.Body, err = traced.GetBody()
		require.NoError(t, err)
		require.False(t, trace.MayHaveBeenSent())
		reading(t, traced)
		require.True(t, trace.MayHaveBeenSent())
		_, err = traced.GetBody()
		require.ErrorContains(t, err, "not resent")
	})
}

func TestTrace_MayHaveBeenSent(t *testing.T) {
	type events []func(*httptrace.ClientTrace)
	tests := []struct {
		name   string
		events events
		plain  bool // sent by an http.Transport
		opaque bool // sent by another
	}{
		{"nothing reported", nil, false, true},
		{"no connection", events{getConn}, false, false},
		{"a fresh connection", events{getConn, freshConn}, true, true},
		{"an idle connection", events{getConn, idleConn}, true, true},
		{"an idle connection that was closed", events{getConn, idleConn, getConn}, false, true},
		{"a fresh connection that was lost", events{getConn, freshConn, getConn}, true, true},
		{"HTTP/1 on an idle connection that was closed", events{getConn, idleConn, http1, getConn}, false, true},
		{"HTTP/2 on an idle connection", events{getConn, idleConn, http2, getConn}, true, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, opaque := range []bool{false, true} {
				trace := sendtrace.Trace{Opaque: opaque}
				require.False(t, trace.MayHaveBeenSent())
				req, err := http.NewRequest(http.MethodPost, "https://relay", strings.NewReader("body"))
				require.NoError(t, err)
				hooks := httptrace.ContextClientTrace(trace.Start(req).Context())
				for _, event := range test.events {
					event(hooks)
				}
				want := test.plain
				if opaque {
					want = test.opaque
				}
				require.Equal(t, want, trace.MayHaveBeenSent(), "opaque: %v", opaque)
			}
		})
	}
}

func TestTrace_BodyIsSentOnce(t *testing.T) {
	start := func(opaque bool, events ...func(*httptrace.ClientTrace)) *http.Request {
		trace := sendtrace.Trace{Opaque: opaque}
		req, err := http.NewRequest(http.MethodPost, "https://relay", strings.NewReader("body"))
		require.NoError(t, err)
		traced := trace.Start(req)
		for _, event := range events {
			event(httptrace.ContextClientTrace(traced.Context()))
		}
		return traced
	}
	t.Run("a closed idle connection is replaced", func(t *testing.T) {
		body, err := start(false, getConn, idleConn, getConn).GetBody()
		require.NoError(t, err)
		require.NoError(t, body.Close())
	})
	t.Run("an HTTP/2 stream is not resent", func(t *testing.T) {
		_, err := start(false, getConn, idleConn, http2).GetBody()
		require.ErrorContains(t, err, "not resent")
	})
	t.Run("no body follows a redirect", func(t *testing.T) {
		redirected := start(false, getConn, freshConn, http1, firstByte)
		reading(t, redirected) // a server may respond before it has received the body
		body, err := redirected.GetBody()
		require.NoError(t, err, "or an http.Client does not return the response")
		_, err = body.Read(make([]byte, 1))
		require.ErrorContains(t, err, "not resent")
		require.NoError(t, body.Close())
	})
	t.Run("a transport reads the request while a response arrives", func(*testing.T) { // for the race detector
		req := start(true)
		var arriving sync.WaitGroup
		for range 2 {
			arriving.Go(func() { firstByte(httptrace.ContextClientTrace(req.Context())) })
			_ = req.Clone(req.Context())
		}
		arriving.Wait()
	})
	t.Run("an opaque transport cannot repeat it", func(t *testing.T) {
		require.Nil(t, start(true).GetBody)
	})
}
