package fakerelay

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// memoryNetwork serves a handler over pipes: real HTTP, no sockets. Nothing
// runs before the first connection.
type memoryNetwork struct {
	relay     http.Handler
	transport *http.Transport
	conns     chan net.Conn
	closed    chan struct{}

	start  sync.Once
	stop   sync.Once
	server *http.Server
	served sync.WaitGroup

	hostsLock sync.Mutex
	hosts     map[string]http.Handler // others than the relay
}

func newMemoryNetwork(relay http.Handler) *memoryNetwork {
	m := &memoryNetwork{relay: relay, hosts: map[string]http.Handler{}, conns: make(chan net.Conn), closed: make(chan struct{})}
	m.server = &http.Server{Handler: m, ReadHeaderTimeout: time.Minute}
	m.transport = &http.Transport{
		MaxIdleConnsPerHost: 1 << 10,
		DisableCompression:  true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return m.dial(ctx)
		},
	}
	return m
}

func (m *memoryNetwork) client() *http.Client { return &http.Client{Transport: m.transport} }

// ServeHTTP hands a request to its host.
func (m *memoryNetwork) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	m.hostsLock.Lock()
	handler := m.hosts[req.Host]
	m.hostsLock.Unlock()
	if handler == nil {
		handler = m.relay
	}
	handler.ServeHTTP(w, req)
}

func (m *memoryNetwork) setHost(host string, handler http.Handler) {
	m.hostsLock.Lock()
	defer m.hostsLock.Unlock()
	m.hosts[host] = handler
}

func (m *memoryNetwork) dial(ctx context.Context) (net.Conn, error) {
	m.start.Do(func() {
		m.served.Go(func() { _ = m.server.Serve((*listener)(m)) })
	})
	near, far := net.Pipe()
	select {
	case m.conns <- far:
		return near, nil
	case <-m.closed:
		return nil, errors.New("the fake relay is closed")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m *memoryNetwork) close() {
	m.stop.Do(func() { close(m.closed) })
	m.transport.CloseIdleConnections()
	_ = m.server.Close()
	m.served.Wait()
}

// listener is the server's side of a memoryNetwork.
type listener memoryNetwork

func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error   { return nil }
func (l *listener) Addr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "memory" }
