// Package sendtrace reports whether a request may have reached a server, and prevents
// net/http from sending it twice.
package sendtrace

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// The phases of a request, in order.
const (
	unsent     int32 = iota // not handed to a transport
	handedOver              // to a transport that has neither reported anything nor read the body
	connecting              // nothing is written without a connection
	reused                  // on a connection that may turn out to be closed
	sent                    // from here on a server may have received it
	responded               // and has begun to respond
)

var errNotResent = errors.New("connection lost; the request was not resent")

// unreadable is a body that cannot be sent.
type unreadable struct{}

func (unreadable) Read([]byte) (int, error) { return 0, errNotResent }
func (unreadable) Close() error             { return nil }

// Trace follows one request. The zero value is one that was not sent.
type Trace struct {
	// Opaque reports that the request is not sent by an [http.Transport] directly. The
	// transport may then report nothing ([httptrace]), and may send more than once.
	Opaque bool

	phase atomic.Int32
}

// Start returns req with the trace attached. A body is sent once: net/http resends a
// request over HTTP/2 when the server resets its stream, even if the server has read
// the request, and an opaque transport may resend it for any reason. Reading the body
// counts too, because not all that sends requests reports events: a round tripper that
// is registered with an [http.Transport], or an opaque transport that makes requests of
// its own.
func (t *Trace) Start(req *http.Request) *http.Request {
	t.phase.Store(handedOver)
	traced := req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { t.connecting() },
		GotConn: func(info httptrace.GotConnInfo) {
			if info.Reused {
				t.phase.CompareAndSwap(connecting, reused)
				return
			}
			t.sending()
		},
		WroteHeaderField: func(name string, _ []string) {
			if strings.HasPrefix(name, ":") { // a pseudo-header: HTTP/2
				t.sending()
			}
		},
		GotFirstResponseByte: func() { t.phase.Store(responded) },
	}))
	if req.Body != nil {
		traced.Body = &tracedBody{req.Body, t}
	}
	if getBody := req.GetBody; getBody != nil {
		traced.GetBody = func() (io.ReadCloser, error) {
			switch t.phase.Load() {
			case sent:
				return nil, errNotResent
			case responded: // an http.Client calls it before it decides not to follow a redirect
				return unreadable{}, nil
			}
			body, err := getBody()
			return &tracedBody{body, t}, err
		}
	}
	if t.Opaque {
		traced.GetBody = nil
	}
	return traced
}

// tracedBody is a body that reports when it is read.
type tracedBody struct {
	io.ReadCloser
	trace *Trace
}

func (b *tracedBody) Read(p []byte) (int, error) {
	b.trace.reading()
	return b.ReadCloser.Read(p)
}

// reading moves on unless net/http reads the body for a reused connection, to which it may
// not be able to write.
func (t *Trace) reading() {
	if t.Opaque || t.phase.Load() != reused {
		t.sending()
	}
}

// sending moves on to sent, but not back from a later phase: a server may respond before it
// has received the whole request.
func (t *Trace) sending() {
	for phase := t.phase.Load(); phase < sent && !t.phase.CompareAndSwap(phase, sent); {
		phase = t.phase.Load()
	}
}

// connecting goes back from a reused connection: net/http requests another one only if
// the first was closed before anything was written to it. An opaque transport may not do
// the same.
func (t *Trace) connecting() {
	if !t.phase.CompareAndSwap(handedOver, connecting) && !t.Opaque {
		t.phase.CompareAndSwap(reused, connecting)
	}
}

// MayHaveBeenSent reports whether any byte of the request may have reached a server.
func (t *Trace) MayHaveBeenSent() bool {
	switch t.phase.Load() {
	case unsent, connecting:
		return false
	case handedOver:
		return t.Opaque
	}
	return true
}
