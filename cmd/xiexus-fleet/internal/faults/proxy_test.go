package faults_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"time"
)

// fault is one way in which a connection to the relay, or a response of it, can be wrong. One
// of its functions is set, or isRefused.
type fault struct {
	name string
	// isRefused means that nothing listens.
	isRefused bool
	// accept has a new connection for itself.
	accept func(p *proxy, conn net.Conn)
	// tls changes how TLS is served; the base URL is an https URL then.
	tls func(config *tls.Config)
	// respond sends something else than the right response of the relay.
	respond func(p *proxy, conn net.Conn, right response)
	// reject responds instead of the relay, which does not see the request. It reports false for
	// requests that the fault does not affect.
	reject func(req *http.Request) (response, bool)

	// hangs means that only a timeout ends the request.
	hangs bool
	// ends means that the worker ends by itself if the fault does not.
	ends bool
	// pauses means that the relay requests a pause that is longer than the test waits.
	pauses bool
	// taskTime is how long the tasks take.
	taskTime time.Duration
}

// repetitions returns whether the fault happens once, each time, or both in turn.
func (f fault) repetitions() (always []bool) {
	switch {
	case f.pauses:
		return []bool{false}
	case f.isRefused, f.tls != nil:
		return []bool{true}
	}
	return []bool{false, true}
}

// proxy listens on loopback in front of a relay. Each connection has one request.
type proxy struct {
	relay   http.Handler
	address string
	config  *tls.Config
	closing chan struct{}
	conns   sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener
	fault    fault
	left     int // how often the fault will still happen
	requests int // received in full
	opened   []net.Conn
}

// forever is how often a fault happens that does not end.
const forever = 1 << 30

// refusingAddress returns where nothing listens until a proxy does: on a host, if the system has
// one, on which no other process takes the port meanwhile.
func refusingAddress() string {
	if runtime.GOOS == "linux" {
		return "127.0.0.2:0"
	}
	return "127.0.0.1:0"
}

// newProxy returns a proxy at which a fault happens a number of times.
func newProxy(relay http.Handler, f fault, times int, config *tls.Config) (*proxy, error) {
	p := &proxy{relay: relay, fault: f, left: times, closing: make(chan struct{}), address: "127.0.0.1:0"}
	if f.isRefused {
		p.address = refusingAddress()
	}
	if err := p.listen(); err != nil {
		return nil, err
	}
	p.address = p.listener.Addr().String()
	if f.isRefused {
		return p, p.listener.Close()
	}
	if f.tls != nil {
		p.config = config.Clone()
		f.tls(p.config)
	}
	p.conns.Go(p.acceptAll)
	return p, nil
}

func (p *proxy) listen() error {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", p.address)
	p.listener = listener
	return err
}

// heal ends the fault. It also ends TLS.
func (p *proxy) heal() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.config = 0, nil
	if !p.fault.isRefused {
		return nil
	}
	p.fault.isRefused = false
	if err := p.listen(); err != nil {
		return err
	}
	p.conns.Go(p.acceptAll)
	return nil
}

// close ends all connections.
func (p *proxy) close() {
	close(p.closing)
	p.mu.Lock()
	_ = p.listener.Close()
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
	if p.left == 0 {
		return false
	}
	p.left--
	return true
}

func (p *proxy) acceptAll() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.opened = append(p.opened, conn)
		config := p.config
		p.mu.Unlock()
		p.conns.Go(func() {
			defer func() { _ = conn.Close() }()
			p.serve(conn, config)
		})
	}
}

func (p *proxy) serve(conn net.Conn, config *tls.Config) {
	if p.fault.accept != nil && p.happens() {
		p.fault.accept(p, conn)
		return
	}
	if config != nil {
		conn = tls.Server(conn, config)
	}
	req, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	p.mu.Lock()
	p.requests++
	p.mu.Unlock()
	p.exchange(conn, req)
}

func (p *proxy) exchange(conn net.Conn, req *http.Request) {
	if p.fault.reject != nil {
		if wrong, affected := p.fault.reject(req); affected && p.happens() {
			_, _ = conn.Write(wrong.bytes())
			return
		}
	}
	recorder := httptest.NewRecorder()
	p.relay.ServeHTTP(recorder, req)
	right := response{recorder.Code, recorder.Header(), recorder.Body.Bytes()}
	if p.fault.respond != nil && p.happens() {
		p.fault.respond(p, conn, right)
		return
	}
	_, _ = conn.Write(right.bytes())
}

func (p *proxy) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

// sleep returns false if the proxy is closed before a time has passed.
func (p *proxy) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-p.closing:
		return false
	}
}

// response is a response of HTTP/1.1, after which the connection is closed.
type response struct {
	status int
	header http.Header
	body   []byte
}

// with returns the response with another header.
func (r response) with(name, value string) response {
	r.header = maps.Clone(r.header)
	r.header.Set(name, value)
	return r
}

// head returns the status line and the headers, without the length of the body.
func (r response) head() []byte {
	var head bytes.Buffer
	fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\nConnection: close\r\n", r.status, http.StatusText(r.status))
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
