package faults_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
)

// response is a response of HTTP/1.1.
type response struct {
	status int
	header http.Header
	body   []byte
	faults int                   // before this one
	seen   func(task string) int // how often it was called before, for a task
}

// with returns the response with other headers.
func (r response) with(pairs ...string) response {
	r.header = maps.Clone(r.header)
	for pair := range slices.Chunk(pairs, 2) {
		r.header.Set(pair[0], pair[1])
	}
	return r
}

// head returns the status line and the headers, without the length of the body.
func (r response) head() []byte {
	var head bytes.Buffer
	fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\n", r.status, http.StatusText(r.status))
	header := maps.Clone(r.header)
	header.Del("Content-Length")
	_ = header.Write(&head)
	return head.Bytes()
}

// bytes returns the response as it is sent.
func (r response) bytes() []byte {
	head := fmt.Appendf(r.head(), "Content-Length: %d\r\n\r\n", len(r.body))
	return append(head, r.body...)
}

var errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
