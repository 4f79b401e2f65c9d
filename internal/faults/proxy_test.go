// Package faults_test drives every call of the client through faults of the network and of
// servers, and records what becomes of each in docs/faults.md.
package faults_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
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

	sent     atomic.Uint64 // bytes
	mu       sync.Mutex
	counts        // see counted
	asked    int  // how often the fault might have happened
	faults   int  // responses that were not right
	ended    bool // the fault happens no more
	creating bool // the call is one of Create
	tasks    map[string]int
	rejected time.Time // when the fault happened
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
	// sending, if set, is called for each MiB that are sent.
	sending func()
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
	right := response{recorder.Code, recorder.Header(), recorder.Body.Bytes(), 0, p.see}
	if p.fault.respond != nil && p.happens() {
		right.faults = p.addFault()
		return p.fault.respond(conn, req, right)
	}
	if _, err = conn.Write(right.bytes()); err != nil {
		return false
	}
	return p.fault.idle == nil || !p.happens() || p.fault.idle(conn)
}
