package faults_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// groups are the faults, in the order of docs/faults.md.
var groups = []struct {
	title  string
	faults []fault
}{
	{"Connections", connectionFaults},
	{"Cut, slow and silent responses", cutFaults},
	{"Lengths, chunks and encodings", framingFaults},
	{"Not HTTP, or too much of it", protocolFaults},
	{"Redirects", redirectFaults},
	{"429 and 503 with every form of Retry-After", pauseFaults},
	{"TLS", tlsFaults},
	{"HTTP/2", http2Faults},
}

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

// raw sends a response that is made of the parts of the right one.
func raw(format func(right response) []byte) func(net.Conn, *http.Request, response) bool {
	return func(conn net.Conn, _ *http.Request, right response) bool {
		_, _ = conn.Write(format(right))
		return false
	}
}

// headers sends the right body after headers that are added to the right ones.
func headers(lines ...string) func(net.Conn, *http.Request, response) bool {
	return raw(func(right response) []byte {
		head := right.head()
		for _, line := range lines {
			head = append(head, line+"\r\n"...)
		}
		return append(append(head, "\r\n"...), right.body...)
	})
}

// lengths declares lengths that are computed from the right one.
func length(of func(right int) int) func(net.Conn, *http.Request, response) bool {
	return raw(func(right response) []byte {
		return append(fmt.Appendf(right.head(), "Content-Length: %d\r\n\r\n", of(len(right.body))), right.body...)
	})
}

// chunks sends a body with chunked coding.
func chunks(of func(body []byte) string) func(net.Conn, *http.Request, response) bool {
	return raw(func(right response) []byte {
		return append(right.head(), "Transfer-Encoding: chunked\r\n\r\n"+of(right.body)...)
	})
}

func chunk(body []byte) string { return fmt.Sprintf("%x\r\n%s\r\n", len(body), body) }

// compressed returns n zeros after a body, compressed.
func compressed(body []byte, n int64) []byte {
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	_, _ = writer.Write(body)
	_, _ = io.CopyN(writer, zeros{}, n)
	_ = writer.Close()
	return buffer.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// encoded sends a body that is labeled as compressed.
func encoded(of func(body []byte) []byte) func(net.Conn, *http.Request, response) bool {
	return raw(func(right response) []byte {
		right.body = of(right.body)
		return right.with("Content-Encoding", "gzip").bytes()
	})
}

var framingFaults = []fault{
	{name: "no length", respond: headers()},
	{name: "length half of the body", respond: length(func(n int) int { return n / 2 })},
	{name: "length twice the body", respond: length(func(n int) int { return 2 * n })},
	{name: "negative length", respond: length(func(int) int { return -1 })},
	{name: "length zero", respond: length(func(int) int { return 0 })},
	{name: "length of 8 EiB", respond: headers("Content-Length: 9223372036854775807")},
	{name: "length that is not a number", respond: headers("Content-Length: many")},
	{name: "two lengths", respond: headers("Content-Length: 3", "Content-Length: 5")},
	{name: "chunks", respond: chunks(func(body []byte) string { return chunk(body[:5]) + chunk(body[5:]) + "0\r\n\r\n" })},
	{name: "chunks and a length", respond: raw(func(right response) []byte {
		return append(right.head(), "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"+chunk(right.body)+"0\r\n\r\n"...)
	})},
	{name: "chunks without an end", respond: chunks(func(body []byte) string { return chunk(body[:5]) })},
	{name: "chunk size that is not a number", respond: chunks(func(body []byte) string { return "xyz\r\n" + string(body) })},
	{name: "chunk size of 16 EiB", respond: chunks(func(body []byte) string { return "ffffffffffffffff\r\n" + string(body) })},
	{name: "negative chunk size", respond: chunks(func(body []byte) string { return "-5\r\n" + string(body) })},
	{name: "chunk that is shorter than its size", respond: chunks(func([]byte) string { return "5\r\nabc\r\n0\r\n\r\n" })},
	{name: "gzip", respond: encoded(func(body []byte) []byte { return compressed(body, 0) })},
	{name: "gzip label on plain bytes", respond: encoded(func(body []byte) []byte { return body })},
	{name: "gzip that is cut off", respond: encoded(func(body []byte) []byte {
		all := compressed(body, 0)
		return all[:len(all)/2]
	})},
	{name: "gzip bomb: 1000 to 1", respond: encoded(func(body []byte) []byte { return compressed(body, 2*maxSize) })},
}

var protocolFaults = []fault{
	{name: "HTTP/1.0", respond: raw(func(right response) []byte {
		return append(bytes.Replace(right.head(), []byte("HTTP/1.1"), []byte("HTTP/1.0"), 1), "\r\n"+string(right.body)...)
	})},
	{name: "HTTP/7.7", respond: raw(func(right response) []byte {
		return bytes.Replace(right.bytes(), []byte("HTTP/1.1"), []byte("HTTP/7.7"), 1)
	})},
	{name: "SSH", respond: raw(func(response) []byte { return []byte("SSH-2.0-OpenSSH_9.6\r\n") })},
	{name: "only the body", respond: raw(func(right response) []byte { return right.body })},
	{name: "zeros", respond: raw(func(response) []byte { return make([]byte, 4096) })},
	{name: "status 099", respond: raw(func(right response) []byte { return bytes.Replace(right.bytes(), []byte(" 200 "), []byte(" 099 "), 1) })},
	{name: "header without a colon", respond: headers("What is this?", "Content-Length: 0")},
	{name: "endless headers", respond: func(conn net.Conn, _ *http.Request, right response) bool {
		_, err := conn.Write(right.head())
		for err == nil {
			_, err = io.WriteString(conn, "X-Flood: "+strings.Repeat("a", 1<<16)+"\r\n")
		}
		return false
	}},
	{name: "endless 103 Early Hints", respond: func(conn net.Conn, _ *http.Request, _ response) bool {
		for {
			if _, err := io.WriteString(conn, "HTTP/1.1 103 Early Hints\r\n\r\n"); err != nil {
				return false
			}
			time.Sleep(100 * time.Millisecond)
		}
	}},
	{name: "101 Switching Protocols", respond: raw(func(response) []byte {
		return []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
	})},
	{name: "a second response that nobody requested", respond: func(conn net.Conn, _ *http.Request, right response) bool {
		_, _ = conn.Write(append(right.bytes(), strings.ReplaceAll(string(right.bytes()), "task_", "other_")...))
		return false
	}},
}

// redirect responds with a redirect.
func redirect(status int, target func(req *http.Request) string) func(*http.Request) response {
	return func(req *http.Request) response {
		return response{status, http.Header{"Location": {target(req)}}, nil}
	}
}

func toItself(req *http.Request) string { return req.URL.RequestURI() }

var redirectFaults = []fault{
	{name: "301 to itself", reject: redirect(301, toItself)},
	{name: "302 to itself", reject: redirect(302, toItself)},
	{name: "303 to itself", reject: redirect(303, toItself)},
	{name: "307 to itself", reject: redirect(307, toItself)},
	{name: "308 to itself", reject: redirect(308, toItself)},
	{name: "307 that grows", reject: redirect(307, func(req *http.Request) string { return req.URL.Path + "/a" })},
	{name: "307 to another host", reject: redirect(307, func(*http.Request) string { return "http://other.localhost/" })},
	{name: "307 without a location", reject: redirect(307, func(*http.Request) string { return "" })},
	{name: "307 to a URL that is not valid", reject: redirect(307, func(*http.Request) string { return "http://%zz" })},
}

// pause responds with the relay's own error and a Retry-After.
func pause(status int, retryAfter string) fault {
	name := fmt.Sprintf("%d, no Retry-After", status)
	header := http.Header{"Content-Type": {"application/json"}, "X-Oneapi-Request-Id": {"1"}}
	if retryAfter != "" {
		name = fmt.Sprintf("%d, Retry-After: %s", status, retryAfter)
		header.Set("Retry-After", retryAfter)
	}
	body := `{"error":{"message":"too many requests","type":"new_api_error","code":"rate_limit"}}`
	return fault{name: name, reject: func(*http.Request) response { return response{status, header, []byte(body)} }}
}

var pauseFaults = []fault{
	pause(429, ""), pause(429, "0"), pause(429, "0.001"), pause(429, "-5"), pause(429, "3"), pause(429, "20"), pause(429, "86400"),
	pause(429, "99999999999999999999"), pause(429, "soon"), pause(429, "Mon, 01 Jan 1990 00:00:00 GMT"), pause(429, "Fri, 31 Dec 9999 23:59:59 GMT"),
	pause(503, ""), pause(503, "3"), pause(503, "86400"),
}
