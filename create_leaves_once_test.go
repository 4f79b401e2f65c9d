package xiexus_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// postbox is a relay that speaks HTTP/1.1 over connections in memory, byte by byte, and
// counts the create requests that it has received as a whole.
type postbox struct {
	respond func(p *postbox, conn net.Conn, req *http.Request) // to the create request; closes the connection

	open          sync.WaitGroup
	begun, posted atomic.Int32
	lastHeader    atomic.Pointer[http.Header]
}

func (p *postbox) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	p.open.Go(func() { p.serve(far) })
	return near, nil
}

func (p *postbox) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	reader := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(reader)
		switch {
		case err != nil:
			return
		case req.Method == http.MethodPost:
			p.begun.Add(1)
			p.lastHeader.Store(&req.Header)
			p.respond(p, conn, req)
			return
		}
		write(conn, ok(`{"task_id":"task","status":"queued"}`))
	}
}

// take reads the rest of a create request.
func (p *postbox) take(req *http.Request) {
	if n, err := io.Copy(io.Discard, req.Body); err == nil && n > 0 && n == req.ContentLength {
		p.posted.Add(1)
	}
}

func write(conn net.Conn, text string) { _, _ = io.WriteString(conn, text) }

func ok(body string) string {
	return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

const accepted = `{"task_id":"task_1","status":"queued"}`

// What becomes of a create request.
type fate string

const (
	created   fate = "created"
	uncertain fate = "uncertain"
	failed    fate = "failed"
)

func fateOf(err error) fate {
	switch {
	case err == nil:
		return created
	case errors.As(err, new(*xiexus.CreateUncertainError)):
		return uncertain
	}
	return failed
}

// responses are what the relay does with a create request.
var responses = []struct {
	name    string
	respond func(p *postbox, conn net.Conn, req *http.Request)
	fate    fate
	posted  int32
}{
	{"accepts it", func(p *postbox, conn net.Conn, req *http.Request) {
		p.take(req)
		write(conn, ok(accepted))
	}, created, 1},
	{"accepts it after 100 and 103", func(p *postbox, conn net.Conn, req *http.Request) {
		write(conn, "HTTP/1.1 100 Continue\r\n\r\n")
		p.take(req)
		write(conn, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"+ok(accepted))
	}, created, 1},
	{"accepts it before its body", func(p *postbox, conn net.Conn, req *http.Request) {
		write(conn, ok(accepted))
		p.take(req)
	}, created, 1},
	{"closes the connection after it", func(p *postbox, _ net.Conn, req *http.Request) { p.take(req) }, uncertain, 1},
	{"closes the connection before its body", func(*postbox, net.Conn, *http.Request) {}, uncertain, 0},
	{"closes the connection after 100", func(p *postbox, conn net.Conn, req *http.Request) {
		write(conn, "HTTP/1.1 100 Continue\r\n\r\n")
		p.take(req)
	}, uncertain, 1},
	{"switches protocols", func(p *postbox, conn net.Conn, req *http.Request) {
		p.take(req)
		write(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
	}, uncertain, 1},
	{"redirects it before its body", func(p *postbox, conn net.Conn, req *http.Request) {
		write(conn, "HTTP/1.1 307 Temporary Redirect\r\nLocation: /v1/video/generations\r\nContent-Length: 0\r\n\r\n")
		p.take(req)
	}, failed, 1},
	{"redirects it to another host", func(p *postbox, conn net.Conn, req *http.Request) {
		p.take(req)
		write(conn, "HTTP/1.1 308 Permanent Redirect\r\nLocation: http://other.localhost/v1/video/generations\r\nContent-Length: 0\r\n\r\n")
	}, failed, 1},
	{"times out", func(p *postbox, conn net.Conn, req *http.Request) {
		p.take(req)
		write(conn, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
	}, uncertain, 1},
	{"rejects it once before its body", func(p *postbox, conn net.Conn, req *http.Request) {
		if p.begun.Load() == 1 {
			write(conn, "HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
			_, _ = io.Copy(io.Discard, req.Body)
			return
		}
		p.take(req)
		write(conn, ok(accepted))
	}, created, 1},
}

// transports send requests as programs configure it, or try to send them again.
var transports = map[string]func(network *http.Transport) http.RoundTripper{
	"net/http":             func(network *http.Transport) http.RoundTripper { return network },
	"without a connection": func(network *http.Transport) http.RoundTripper { network.DisableKeepAlives = true; return network },
	"wrapped":              func(network *http.Transport) http.RoundTripper { return roundTrip(network.RoundTrip) },
	"the same request again": func(network *http.Transport) http.RoundTripper {
		return again(network, func(req *http.Request) (*http.Request, error) { return req, nil })
	},
	"a clone again": func(network *http.Transport) http.RoundTripper {
		return again(network, func(req *http.Request) (*http.Request, error) { return req.Clone(req.Context()), nil })
	},
	"a new body again": func(network *http.Transport) http.RoundTripper {
		return again(network, func(req *http.Request) (*http.Request, error) {
			if req.GetBody == nil {
				return nil, errors.New("no body to send again")
			}
			body, err := req.GetBody()
			clone := req.Clone(req.Context())
			clone.Body = body
			return clone, err
		})
	},
	"with an idempotency key": func(network *http.Transport) http.RoundTripper {
		return withHeader(network, "Idempotency-Key", "1") // net/http sends such requests again
	},
	"with an expectation": func(network *http.Transport) http.RoundTripper {
		network.ExpectContinueTimeout = 1
		return withHeader(network, "Expect", "100-continue")
	},
}

// again returns a transport that sends a request up to three times.
func again(network http.RoundTripper, next func(*http.Request) (*http.Request, error)) http.RoundTripper {
	return roundTrip(func(req *http.Request) (resp *http.Response, err error) {
		resp, err = network.RoundTrip(req)
		for attempt := 1; err != nil && attempt < 3; attempt++ {
			repeated, nextErr := next(req)
			if nextErr != nil {
				break
			}
			resp, err = network.RoundTrip(repeated)
		}
		return resp, err
	})
}

func withHeader(network http.RoundTripper, name, value string) http.RoundTripper {
	return roundTrip(func(req *http.Request) (*http.Response, error) {
		clone := req.Clone(req.Context())
		clone.Header.Set(name, value)
		return network.RoundTrip(clone)
	})
}

// TestCreate_LeavesOnce counts at the relay: it receives a create request as a whole at most
// once, whatever it does with it and whatever sends it, and the caller knows of the task or
// that there may be one.
func TestCreate_LeavesOnce(t *testing.T) {
	for kind, transport := range transports {
		for _, test := range responses {
			for _, idle := range []bool{false, true} {
				t.Run(kind+", "+test.name+map[bool]string{true: ", idle connection"}[idle], func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						relay := &postbox{respond: test.respond}
						err := relay.create(t, transport, idle, pianoCat)
						require.Equal(t, test.fate, fateOf(err), "%v", err)
						require.Equal(t, test.posted, relay.posted.Load())
						if kind != "with an idempotency key" {
							require.NotContains(t, *relay.lastHeader.Load(), "Idempotency-Key")
						}
					})
				})
			}
		}
	}
}

// create creates a task, over an idle connection or not.
func (p *postbox) create(
	t *testing.T, transport func(*http.Transport) http.RoundTripper, idle bool, request xiexus.CreateRequest,
) error {
	t.Helper()
	network := &http.Transport{DialContext: p.dial}
	defer p.open.Wait()
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL("http://relay.localhost"),
		xiexus.WithHTTPClient(&http.Client{Transport: transport(network)}))
	require.NoError(t, err)
	defer network.CloseIdleConnections()
	defer client.CloseIdleConnections()
	ctx := t.Context()
	if idle {
		_, err := client.Get(ctx, "task")
		require.NoError(t, err)
	}
	task, err := client.Create(ctx, request)
	if err == nil {
		require.Equal(t, "task_1", task.TaskID)
	}
	return err
}
