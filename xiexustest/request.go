package xiexustest

import (
	"context"
	"net/http"
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
	// TaskIDs are the IDs of the tasks that it reads from a [Relay]: one, or those of a
	// batch. It is nil for other requests, and for those with a wrong key or body.
	TaskIDs []string
}

// requestLog records requests.
type requestLog struct {
	mu       sync.Mutex
	off      bool
	requests []*Request
}

// recordKey is the context key of a request's record.
type recordKey struct{}

// add records a request and returns it with a context for [requestLog.setTaskIDs].
func (l *requestLog) add(req *http.Request, path string) *http.Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.off {
		return req
	}
	record := &Request{At: time.Now(), Method: req.Method, Path: path, Header: req.Header.Clone()}
	l.requests = append(l.requests, record)
	return req.WithContext(context.WithValue(req.Context(), recordKey{}, record))
}

// setTaskIDs adds to the record of a request what only its operation knows.
func (l *requestLog) setTaskIDs(ctx context.Context, ids ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if record, ok := ctx.Value(recordKey{}).(*Request); ok {
		record.TaskIDs = ids
	}
}

func (l *requestLog) all() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]Request, len(l.requests))
	for i, request := range l.requests {
		all[i] = *request
	}
	return all
}

func (l *requestLog) discard() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.off, l.requests = true, nil
}
