package faults_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

var connectionFaults = []fault{
	{name: "connection refused", dial: func(context.Context, *proxy) error { return errRefused }},
	{name: "no such host", dial: func(context.Context, *proxy) error {
		return &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "relay", IsNotFound: true}}
	}},
	{name: "name server does not respond", dial: func(context.Context, *proxy) error {
		return &net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", Name: "relay", IsTimeout: true, IsTemporary: true}}
	}},
	{name: "connect never ends", dial: func(ctx context.Context, p *proxy) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.closing:
			return net.ErrClosed
		}
	}},
	{name: "closed at once", accept: func(*proxy, net.Conn) {}},
	{name: "takes no byte", accept: func(p *proxy, _ net.Conn) { <-p.closing }},
	{name: "closed in the middle of the request", accept: func(_ *proxy, conn net.Conn) { _, _ = io.CopyN(io.Discard, conn, 60) }},
	{name: "closed after the request", respond: func(net.Conn, *http.Request, response) bool { return false }},
	{name: "no response", respond: func(conn net.Conn, _ *http.Request, _ response) bool { return drain(conn) }},
}

// cutAt sends a part of the response and then goes on as given.
func cutAt(at func(right response) int, then func(net.Conn) bool) func(net.Conn, *http.Request, response) bool {
	return func(conn net.Conn, _ *http.Request, right response) bool {
		_, _ = conn.Write(right.bytes()[:at(right)])
		return then(conn)
	}
}

func closed(net.Conn) bool { return false }

// drain reads until the client closes the connection.
func drain(conn net.Conn) bool {
	_, _ = io.Copy(io.Discard, conn)
	return false
}

func inStatusLine(response) int    { return 7 }
func inHeaders(right response) int { return len(right.head()) - 5 }
func inBody(right response) int    { return len(right.bytes()) - len(right.body)/2 }
func beforeBody(right response) int {
	return len(right.bytes()) - len(right.body)
}

var cutFaults = []fault{
	{name: "closed in the status line", respond: cutAt(inStatusLine, closed)},
	{name: "closed in the headers", respond: cutAt(inHeaders, closed)},
	{name: "closed before the body", respond: cutAt(beforeBody, closed)},
	{name: "closed in the body", respond: cutAt(inBody, closed)},
	{name: "silent in the headers", respond: cutAt(inHeaders, drain)},
	{name: "silent in the body", respond: cutAt(inBody, drain)},
	{name: "one byte a second", respond: func(conn net.Conn, _ *http.Request, right response) bool {
		for _, b := range right.bytes() {
			if _, err := conn.Write([]byte{b}); err != nil {
				return false
			}
			time.Sleep(time.Second)
		}
		return true
	}},
	{name: "endless body", respond: func(conn net.Conn, _ *http.Request, right response) bool {
		_, err := conn.Write(append(right.head(), "\r\n"...))
		for err == nil {
			_, err = conn.Write(append(right.body, bytes.Repeat([]byte(" "), 1<<16)...))
		}
		return false
	}},
}
