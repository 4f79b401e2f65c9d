package xiexustest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// network serves handlers over pipes: real HTTP without sockets. No goroutine runs
// before the first connection.
type network struct {
	relay     http.Handler
	transport *http.Transport
	conns     chan net.Conn
	closed    chan struct{}

	start  sync.Once
	stop   sync.Once
	server *http.Server
	served sync.WaitGroup

	mu    sync.Mutex
	hosts map[string]http.Handler // those that are not the relay
}

func newNetwork(relay http.Handler) *network {
	n := &network{
		relay:  relay,
		conns:  make(chan net.Conn),
		closed: make(chan struct{}),
		hosts:  map[string]http.Handler{},
	}
	n.server = &http.Server{Handler: n, ReadHeaderTimeout: time.Minute}
	n.transport = &http.Transport{
		MaxIdleConnsPerHost: 1 << 10,
		DisableCompression:  true,
		DialContext:         n.dial,
		DialTLSContext:      n.dial,
	}
	return n
}

func (n *network) client() *http.Client { return &http.Client{Transport: n.transport} }

// ServeHTTP passes a request to the handler of its host.
func (n *network) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	n.mu.Lock()
	handler := n.hosts[req.Host]
	n.mu.Unlock()
	if handler == nil {
		handler = n.relay
	}
	handler.ServeHTTP(w, req)
}

func (n *network) setHost(host string, handler http.Handler) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[host] = handler
}

func (n *network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	n.start.Do(func() {
		n.served.Go(func() { _ = n.server.Serve((*listener)(n)) })
	})
	near, far := net.Pipe()
	select {
	case n.conns <- far:
		return near, nil
	case <-n.closed:
		return nil, errors.New("the fake relay is closed")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *network) close() {
	n.stop.Do(func() { close(n.closed) })
	n.transport.CloseIdleConnections()
	_ = n.server.Close()
	n.served.Wait()
}

// listener is the server's side of a network.
type listener network

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
