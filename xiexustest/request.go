package xiexustest

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Request is a request that a [Relay] or a [CDN] has received.
type Request struct {
	// At is when it was received.
	At time.Time
	// Method is its HTTP method.
	Method string
	// Path is its path: see [Relay.Requests] and [CDN.Requests].
	Path string
	// Header is a copy of its headers, with the API key.
	Header http.Header
}

// requestLog records requests.
type requestLog struct {
	mu       sync.Mutex
	off      bool
	requests []Request
}

func (l *requestLog) add(req *http.Request, path string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.off {
		l.requests = append(l.requests, Request{time.Now(), req.Method, path, req.Header.Clone()})
	}
}

func (l *requestLog) all() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.requests)
}

func (l *requestLog) discard() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.off, l.requests = true, nil
}
