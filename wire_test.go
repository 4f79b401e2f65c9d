package xiexus_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"
)

// wire is a network in memory. Whatever address is dialed, it responds with one handler,
// in clear text or over TLS, also through tunnels of proxies, and records what was sent.
type wire struct {
	http.Transport
	config  *tls.Config
	respond http.HandlerFunc

	open    sync.WaitGroup
	lock    sync.Mutex
	arrived []arrival
}

// arrival is a request as it was received. Its endpoint is who received it, whatever the
// client takes its origin to be.
type arrival struct {
	endpoint
	method, path  string
	authorization []string
	dump          string // of the request with its body
}

type endpoint struct{ scheme, address, serverName string }

// newWire returns a network. It must be closed.
func newWire(config *tls.Config, respond http.HandlerFunc) *wire {
	w := &wire{config: config, respond: respond}
	w.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // one certificate for all names
	w.DialContext = func(_ context.Context, _, address string) (net.Conn, error) {
		near, far := net.Pipe()
		w.open.Go(func() {
			defer func() { _ = far.Close() }()
			w.serve(far, endpoint{scheme: "http", address: strings.ToLower(address)})
		})
		return near, nil
	}
	return w
}

// certificate returns a configuration with a certificate.
func certificate(t *testing.T) *tls.Config {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	return &tls.Config{Certificates: server.TLS.Certificates} //nolint:gosec // for tests
}

// serve responds to the requests of a connection until it is closed.
func (w *wire) serve(conn net.Conn, at endpoint) {
	buffered := bufio.NewReader(conn)
	first, err := buffered.Peek(1)
	if err != nil {
		return
	}
	if first[0] == 22 { // the type of a handshake (RFC 8446, section 5.1)
		secure := tls.Server(&peeked{conn, buffered}, w.config)
		if secure.Handshake() != nil {
			return
		}
		at.scheme, at.serverName = "https", strings.ToLower(secure.ConnectionState().ServerName)
		conn, buffered = secure, bufio.NewReader(secure)
	}
	for {
		req, err := http.ReadRequest(buffered)
		if err != nil {
			return
		}
		w.record(req, at)
		if req.Method == http.MethodConnect {
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
			w.serve(conn, endpoint{scheme: "http", address: strings.ToLower(req.Host)})
			return
		}
		recorder := httptest.NewRecorder()
		w.respond(recorder, req)
		resp := recorder.Result()
		resp.ContentLength = int64(recorder.Body.Len())
		if resp.Write(conn) != nil {
			return
		}
	}
}

// peeked is a connection whose first bytes are buffered.
type peeked struct {
	net.Conn
	buffered *bufio.Reader
}

func (p *peeked) Read(b []byte) (int, error) { return p.buffered.Read(b) }

func (w *wire) record(req *http.Request, at endpoint) {
	dump, err := httputil.DumpRequest(req, true)
	if err != nil {
		dump = []byte(err.Error())
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	w.arrived = append(w.arrived, arrival{at, req.Method, req.URL.RequestURI(), req.Header["Authorization"], string(dump)})
}

// take returns what was received since the last call.
func (w *wire) take() []arrival {
	w.lock.Lock()
	defer w.lock.Unlock()
	arrived := w.arrived
	w.arrived = nil
	return arrived
}

// count returns how many requests were received since the last call of take.
func (w *wire) count() int {
	w.lock.Lock()
	defer w.lock.Unlock()
	return len(w.arrived)
}

func (w *wire) close() {
	w.CloseIdleConnections()
	w.open.Wait()
}
