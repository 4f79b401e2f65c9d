package xiexus_test

import (
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// moments are when a create request is interrupted: the relay, or the dialer, calls stop,
// and does nothing more.
var moments = []struct {
	name, base string
	dial       func(ctx context.Context, stop func()) error // nil to connect
	respond    func(p *postbox, conn net.Conn, req *http.Request, stop func())
	fate       fate
	posted     int32
}{
	{name: "while it connects", dial: func(ctx context.Context, stop func()) error {
		stop()
		<-ctx.Done()
		return ctx.Err()
	}, fate: failed},
	{name: "in the TLS handshake", base: "https://relay.localhost", fate: failed},
	{name: "after the header", respond: func(_ *postbox, _ net.Conn, _ *http.Request, stop func()) { stop() }, fate: uncertain},
	{name: "in the body", respond: func(_ *postbox, _ net.Conn, req *http.Request, stop func()) {
		_, _ = io.CopyN(io.Discard, req.Body, 1<<13)
		stop()
	}, fate: uncertain},
	{name: "after the body", respond: respondHalf(""), fate: uncertain, posted: 1},
	{name: "after 100 Continue", respond: respondHalf("HTTP/1.1 100 Continue\r\n\r\n"), fate: uncertain, posted: 1},
	{name: "in the status line", respond: respondHalf("HTTP/1.1 20"), fate: uncertain, posted: 1},
	{name: "in the response header", respond: respondHalf("HTTP/1.1 200 OK\r\nContent-Len"), fate: uncertain, posted: 1},
	{name: "after the response header", respond: respondHalf("HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n"), fate: uncertain, posted: 1},
	{name: "in the response", respond: respondHalf("HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n{\"task_id\":"), fate: uncertain, posted: 1},
}

// respondHalf receives a create request and sends the beginning of a response.
func respondHalf(text string) func(*postbox, net.Conn, *http.Request, func()) {
	return func(p *postbox, conn net.Conn, req *http.Request, stop func()) {
		p.take(req)
		write(conn, text)
		stop()
	}
}

// stalled returns a connection to a server that reads a little and then stops.
func (p *postbox) stalled(stop func()) net.Conn {
	near, far := net.Pipe()
	p.open.Go(func() {
		_, _ = io.CopyN(io.Discard, far, 9)
		stop()
		_, _ = io.Copy(io.Discard, far)
		_ = far.Close()
	})
	return near
}

// interrupts are what ends a create request that has stopped.
var interrupts = map[string]struct {
	opts    []xiexus.Option
	timeout time.Duration // of the caller's http.Client
	context func(context.Context) (context.Context, context.CancelFunc)
}{
	"canceled": {context: context.WithCancel},
	"deadline": {context: func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, time.Second)
	}},
	"request timeout":        {context: context.WithCancel, opts: []xiexus.Option{xiexus.WithRequestTimeout(time.Second)}},
	"timeout of http.Client": {context: context.WithCancel, timeout: time.Second},
}

// TestCreate_Interrupted interrupts create requests at each moment. From the first byte on,
// the caller learns that there may be a task, and nothing is sent again.
func TestCreate_Interrupted(t *testing.T) {
	for kind, interrupt := range interrupts {
		for _, test := range moments {
			t.Run(kind+" "+test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := interrupt.context(t.Context())
					defer cancel()
					stop := func() {
						if kind == "canceled" {
							cancel()
						}
					}
					relay := &postbox{respond: func(p *postbox, conn net.Conn, req *http.Request) {
						test.respond(p, conn, req, stop)
						_, _ = io.Copy(io.Discard, conn) // until the client closes it
					}}
					network := &http.Transport{DialContext: func(ctx context.Context, kind, address string) (net.Conn, error) {
						if test.dial != nil {
							return nil, test.dial(ctx, stop)
						}
						if test.base != "" {
							return relay.stalled(stop), nil
						}
						return relay.dial(ctx, kind, address)
					}}
					defer relay.open.Wait()
					defer network.CloseIdleConnections()
					client := clientOf(t, nil, append(interrupt.opts, xiexus.WithMaxRetries(2), xiexus.WithBaseURL(cmp.Or(test.base, "http://relay.localhost")),
						xiexus.WithHTTPClient(&http.Client{Transport: network, Timeout: interrupt.timeout}))...)
					defer client.CloseIdleConnections()
					long := xiexus.CreateRequest{Model: "m", Prompt: strings.Repeat("a cat ", 1<<14)}
					_, err := client.Create(ctx, long)
					require.Equal(t, test.fate, fateOf(err), "%v", err)
					require.Equal(t, test.posted, relay.posted.Load())
					require.LessOrEqual(t, relay.begun.Load(), int32(1))
				})
			})
		}
	}
}
