// Package faults_test drives every call of the client through faults of the network and of
// servers, and records what becomes of each in docs/faults.md.
package faults_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// proxy stands between a client and the servers behind it. Its connections are pipes, so
// that faults take no real time in a bubble of testing/synctest. Each request gets the
// response of the servers, unless a fault happens to it.
type proxy struct {
	ca      *authority
	servers http.Handler
	fault   fault
	always  bool // the fault happens to each request, not only to the first

	conns   sync.WaitGroup
	closing chan struct{}

	sent     atomic.Int64 // bytes
	mu       sync.Mutex
	asked    int  // how often the fault might have happened
	faults   int  // responses that were not right
	ended    bool // the fault happens no more
	creating bool // the call is one of Create
	creates  int  // create requests received in full
	reads    int  // other requests
	tasks    map[string]int
	rejected time.Time // when the fault happened
	early    int       // requests in its pause
	isClosed bool
	opened   []net.Conn
}

const largestHeader = 256 << 10

// fault is one way in which a connection or a response can be wrong. One of its functions
// is set.
type fault struct {
	name string
	// dial fails instead of connecting.
	dial func(ctx context.Context, p *proxy) error
	// accept has a new connection for itself.
	accept func(p *proxy, conn net.Conn)
	// tls changes how TLS is served.
	tls func(ca *authority, config *tls.Config)
	// http2 responds to a request over HTTP/2.
	http2 func(conn frames, stream uint32)
	// beforeBody makes it respond to the headers of a request.
	beforeBody bool
	// respond sends something else than the right response of the servers, and reports
	// whether the connection can be used for another request.
	respond func(conn net.Conn, req *http.Request, right response) bool
	// idle has a connection for itself after a response, and reports whether it can be used
	// for another request.
	idle func(conn net.Conn) bool
	// key is the key of a request.
	key func(ctx context.Context) (string, error)
	// after is how many requests there are before the fault.
	after int
	// pause is how long no request may follow the fault.
	pause time.Duration
	// reject responds instead of the servers, which do not see the request.
	reject func(req *http.Request) response
}

func newProxy(ca *authority, servers http.Handler, f fault, always bool) *proxy {
	return &proxy{ca: ca, servers: servers, fault: f, always: always, closing: make(chan struct{})}
}

// transport returns the client's side of the proxy.
func (p *proxy) transport() *http.Transport {
	return &http.Transport{
		DialContext: p.dial, TLSClientConfig: &tls.Config{RootCAs: p.ca.pool}, ForceAttemptHTTP2: true,
		MaxResponseHeaderBytes: largestHeader, // 10 MiB by default
	}
}

// largestExchange is how many bytes a request, or a connection, may make the proxy send: the
// most that is read of headers and of a body, and what is buffered. Bodies are compressed at
// worst by nothing.
const largestExchange = 2*largestHeader + maxSize + bufferedWrites*largestWrite

// exchanges returns how many requests and connections there were.
func (p *proxy) exchanges() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int64(p.creates + p.reads + len(p.opened))
}

// close ends all connections.
func (p *proxy) close() {
	close(p.closing)
	p.mu.Lock()
	p.isClosed = true
	for _, conn := range p.opened {
		_ = conn.Close()
	}
	p.mu.Unlock()
	p.conns.Wait()
}

// happens reports whether the fault happens now.
func (p *proxy) happens() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	return !p.ended && (p.asked == p.fault.after+1 || p.always && p.asked > p.fault.after)
}

// end ends the fault, for new connections.
func (p *proxy) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
}

func (p *proxy) dial(ctx context.Context, _, address string) (net.Conn, error) {
	if p.fault.dial != nil && p.happens() {
		return nil, p.fault.dial(ctx, p)
	}
	near, far := net.Pipe()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return nil, net.ErrClosed
	}
	p.opened = append(p.opened, far)
	p.conns.Go(func() {
		conn := newBuffered(far, p)
		defer func() { _ = conn.Close() }()
		p.serve(conn, address)
	})
	return near, nil
}

// serve serves the requests of a connection.
func (p *proxy) serve(conn net.Conn, address string) {
	if p.fault.accept != nil && p.happens() {
		p.fault.accept(p, conn)
		return
	}
	if _, port, _ := net.SplitHostPort(address); port == "443" {
		secure := tls.Server(conn, p.tlsConfig())
		if secure.Handshake() != nil {
			return
		}
		if secure.ConnectionState().NegotiatedProtocol == "h2" {
			p.serveHTTP2(frames{secure})
			return
		}
		conn = secure
	}
	reader := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(reader)
		if err != nil || !p.exchange(conn, req) {
			return
		}
	}
}

// tlsConfig returns how TLS is served on a connection.
func (p *proxy) tlsConfig() *tls.Config {
	config := &tls.Config{
		Certificates: []tls.Certificate{p.ca.certificate(bubbleStart.AddDate(50, 0, 0), relayHost, cdnHost)},
		NextProtos:   []string{"http/1.1"},
	}
	switch {
	case p.fault.tls != nil && p.happens():
		p.fault.tls(p.ca, config)
	case p.fault.http2 != nil && p.happens():
		config.NextProtos = []string{"h2"}
	}
	return config
}

// exchange responds to a request, and reports whether the connection can be used again.
func (p *proxy) exchange(conn net.Conn, req *http.Request) bool {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return false
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	p.count(req)
	if p.fault.reject != nil && p.happens() {
		p.reject()
		_, err := conn.Write(p.fault.reject(req).bytes())
		return err == nil
	}
	recorder := httptest.NewRecorder()
	p.servers.ServeHTTP(recorder, req)
	right := response{recorder.Code, recorder.Header(), recorder.Body.Bytes(), p.faults, p.see}
	if p.fault.respond != nil && p.happens() {
		p.faults++
		return p.fault.respond(conn, req, right)
	}
	if _, err = conn.Write(right.bytes()); err != nil {
		return false
	}
	return p.fault.idle == nil || !p.happens() || p.fault.idle(conn)
}

// reject begins the pause of the fault.
func (p *proxy) reject() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rejected = time.Now()
}

func (p *proxy) count(req *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.After(p.rejected) && now.Before(p.rejected.Add(p.fault.pause)) {
		p.early++
	}
	if req.Method == http.MethodPost && req.URL.Path == "/v1/video/generations" {
		p.creates++
	} else {
		p.reads++
	}
}

// see counts, for each task, how often it is called.
func (p *proxy) see(task string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tasks == nil {
		p.tasks = map[string]int{}
	}
	p.tasks[task]++
	return p.tasks[task] - 1
}

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
