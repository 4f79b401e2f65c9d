package xiexus

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// sentTrace knows whether a request may have left, and keeps net/http from sending
// it again where it may.
type sentTrace struct {
	// silent is set for a transport that may tell nothing (net/http/httptrace):
	// then a request may have left as soon as it was made.
	silent bool

	made        atomic.Bool
	asked       atomic.Bool // for a connection
	unconnected atomic.Bool // there was none since it was last asked for
	fresh       atomic.Bool // there was one that was not used before
	streamed    atomic.Bool // HTTP/2 has begun to send
}

// trace returns a context whose requests are watched.
func (s *sentTrace) trace(ctx context.Context) context.Context {
	s.made.Store(true)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// net/http comes here again by itself only if nothing was written to a
		// connection that turned out to be closed. That is one used before: a
		// caller's RoundTripper that comes here again may have written to a fresh one.
		GetConn: func(string) {
			s.asked.Store(true)
			s.unconnected.Store(true)
		},
		GotConn: func(info httptrace.GotConnInfo) {
			s.unconnected.Store(false)
			if !info.Reused {
				s.fresh.Store(true)
			}
		},
		WroteHeaderField: func(name string, _ []string) {
			if strings.HasPrefix(name, ":") { // only HTTP/2 has such
				s.streamed.Store(true)
			}
		},
	})
}

// errNotAgain ends a request that net/http would send again.
var errNotAgain = errors.New("the stream was reset; it is not sent again")

// once keeps req from being sent again over HTTP/2: there net/http repeats what a
// server has reset with PROTOCOL_ERROR or REFUSED_STREAM, whatever it has read by then.
func (s *sentTrace) once(req *http.Request) {
	body := req.GetBody
	if body == nil {
		return
	}
	req.GetBody = func() (io.ReadCloser, error) {
		if s.streamed.Load() {
			return nil, errNotAgain
		}
		return body()
	}
}

// maybe reports whether a byte may have left.
func (s *sentTrace) maybe() bool {
	if !s.asked.Load() {
		return s.silent && s.made.Load()
	}
	return s.fresh.Load() || !s.unconnected.Load()
}
