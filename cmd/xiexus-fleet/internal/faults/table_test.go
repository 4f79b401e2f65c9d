package faults_test

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// groups are the faults between the worker and the relay, in the order of docs/faults-fleet.md.
var groups = []struct {
	title  string
	faults []fault
}{
	{"Connections", connectionFaults},
	{"Cut, slow and silent responses", cutFaults},
	{"Lengths, chunks and encodings", framingFaults},
	{"Other responses", otherFaults},
	{"Redirects", redirectFaults},
	{"429 and 503", pauseFaults},
	{"TLS", tlsFaults},
}

var connectionFaults = []fault{
	{name: "connection refused", isRefused: true},
	{name: "reset at once", accept: func(_ *proxy, conn net.Conn) { reset(conn) }},
	{name: "reset in the middle of the request", accept: func(_ *proxy, conn net.Conn) {
		_, _ = io.CopyN(io.Discard, conn, 60)
		reset(conn)
	}},
	{name: "closed after the request", respond: func(*proxy, net.Conn, response) {}},
	{name: "no response", hangs: true, respond: func(p *proxy, _ net.Conn, _ response) { <-p.closing }},
}

// reset closes a connection so that the other end sees "connection reset by peer".
func reset(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// cutAt sends a part of the response.
func cutAt(at func(right response) int) func(*proxy, net.Conn, response) {
	return func(_ *proxy, conn net.Conn, right response) { _, _ = conn.Write(right.bytes()[:at(right)]) }
}

// silentAt sends a part of the response, and then nothing.
func silentAt(at func(right response) int) func(*proxy, net.Conn, response) {
	return func(p *proxy, conn net.Conn, right response) {
		_, _ = conn.Write(right.bytes()[:at(right)])
		<-p.closing
	}
}

func inHeaders(right response) int  { return len(right.head()) - 5 }
func beforeBody(right response) int { return len(right.bytes()) - len(right.body) }
func inBody(right response) int     { return len(right.bytes()) - len(right.body)/2 }

var cutFaults = []fault{
	{name: "closed in the headers", respond: cutAt(inHeaders)},
	{name: "closed before the body", respond: cutAt(beforeBody)},
	{name: "closed in the body", respond: cutAt(inBody)},
	{name: "silent in the headers", hangs: true, respond: silentAt(inHeaders)},
	{name: "silent in the body", hangs: true, respond: silentAt(inBody)},
	{name: "four bytes a second", hangs: true, respond: func(p *proxy, conn net.Conn, right response) {
		for _, b := range right.bytes() {
			if _, err := conn.Write([]byte{b}); err != nil || !p.sleep(250*time.Millisecond) {
				return
			}
		}
	}},
	{name: "endless body", respond: func(_ *proxy, conn net.Conn, right response) {
		_, err := conn.Write(append(right.head(), "\r\n"...))
		for err == nil {
			_, err = conn.Write(bytes.Repeat([]byte(" "), 1<<20))
		}
	}},
}

// raw sends a response that is made of the parts of the right one.
func raw(format func(right response) []byte) func(*proxy, net.Conn, response) {
	return func(_ *proxy, conn net.Conn, right response) { _, _ = conn.Write(format(right)) }
}

// length declares a length that is computed from the right one.
func length(of func(right int) string) func(*proxy, net.Conn, response) {
	return raw(func(right response) []byte {
		return append(fmt.Appendf(right.head(), "Content-Length: %s\r\n\r\n", of(len(right.body))), right.body...)
	})
}

func fixed(text string) func(int) string { return func(int) string { return text } }

// chunks sends a body with chunked coding.
func chunks(of func(body []byte) string) func(*proxy, net.Conn, response) {
	return raw(func(right response) []byte {
		return append(right.head(), "Transfer-Encoding: chunked\r\n\r\n"+of(right.body)...)
	})
}

// compressed returns a body followed by n zeros, compressed.
func compressed(body []byte, n int) []byte {
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	_, _ = writer.Write(body)
	_, _ = writer.Write(make([]byte, n))
	_ = writer.Close()
	return buffer.Bytes()
}

// encoded sends a body that is labeled as compressed.
func encoded(of func(body []byte) []byte) func(*proxy, net.Conn, response) {
	return raw(func(right response) []byte {
		right.body = of(right.body)
		return right.with("Content-Encoding", "gzip").bytes()
	})
}

const tooLarge = 17 << 20 // the limit is 16 MiB

var framingFaults = []fault{
	{name: "length half of the body", respond: length(func(n int) string { return strconv.Itoa(n / 2) })},
	{name: "length zero", respond: length(fixed("0"))},
	{name: "length of 8 EiB", respond: length(fixed("9223372036854775807"))},
	{name: "chunks without an end", respond: chunks(func(body []byte) string { return fmt.Sprintf("%x\r\n%s\r\n", len(body), body) })},
	{name: "chunk size that is not a number", respond: chunks(func(body []byte) string { return "xyz\r\n" + string(body) })},
	{name: "gzip", respond: encoded(func(body []byte) []byte { return compressed(body, 0) })},
	{name: "gzip label on plain bytes", respond: encoded(func(body []byte) []byte { return body })},
	{name: "gzip bomb: 1000 to 1", respond: encoded(func(body []byte) []byte { return compressed(body, tooLarge) })},
}

// rejectAll rejects each request with the same response.
func rejectAll(status int, body string, pairs ...string) func(*http.Request) (response, bool) {
	header := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(pairs); i += 2 {
		header.Set(pairs[i], pairs[i+1])
	}
	return func(*http.Request) (response, bool) { return response{status, header, []byte(body)}, true }
}

const htmlPage = "<!doctype html><title>Sorry</title><body>Sorry</body>"

// relayError is an error in the words of the relay.
func relayError(message string) string {
	return fmt.Sprintf(`{"error":{"message":%q,"type":"new_api_error","code":""}}`, message)
}

// withDate sends the right response with another date.
func withDate(date string) func(*proxy, net.Conn, response) {
	return raw(func(right response) []byte { return right.with("Date", date).bytes() })
}

var otherFaults = []fault{
	{name: "SSH", respond: raw(func(response) []byte { return []byte("SSH-2.0-OpenSSH_9.6\r\n") })},
	{name: "a page with status 200", reject: rejectAll(200, htmlPage, "Content-Type", "text/html")},
	{name: "a page with status 404", reject: rejectAll(404, htmlPage, "Content-Type", "text/html")},
	{name: "another JSON object", reject: rejectAll(200, `{"hello":"world"}`)},
	{name: "the key is rejected: 401", ends: true, reject: rejectAll(401, relayError("Invalid token"), "X-Oneapi-Request-Id", "1")},
	{name: "forbidden: 403", reject: rejectAll(403, relayError("no access"), "X-Oneapi-Request-Id", "1")},
	{name: "internal error: 500", reject: rejectAll(500, relayError("database is locked"), "X-Oneapi-Request-Id", "1")},
	{name: "a relay without batches, and another dialect in each response", taskTime: 3 * time.Second, reject: func(req *http.Request) (response, bool) {
		isBatch := req.Method == http.MethodPost && req.URL.Path == "/suno/fetch"
		return response{http.StatusNotFound, http.Header{"Content-Type": {"text/html"}}, []byte(htmlPage)}, isBatch
	}},
	{name: "dated 1990", respond: withDate("Mon, 01 Jan 1990 00:00:00 GMT")},
	{name: "dated 9999", respond: withDate("Fri, 31 Dec 9999 23:59:59 GMT")},
}

// redirect responds with a redirect.
func redirect(status int, target func(req *http.Request) string) func(*http.Request) (response, bool) {
	return func(req *http.Request) (response, bool) {
		return response{status, http.Header{"Location": {target(req)}}, nil}, true
	}
}

func toItself(req *http.Request) string { return req.URL.RequestURI() }

var redirectFaults = []fault{
	{name: "302 to itself", reject: redirect(302, toItself)},
	{name: "307 to itself", reject: redirect(307, toItself)},
	{name: "307 to another host", reject: redirect(307, func(*http.Request) string { return "http://other.localhost/" })},
}

// pause responds with an error of the relay and a Retry-After.
func pause(status int, retryAfter string, pauses bool) fault {
	headers := []string{"X-Oneapi-Request-Id", "1"}
	name := fmt.Sprintf("%d, no Retry-After", status)
	if retryAfter != "" {
		name = fmt.Sprintf("%d, Retry-After: %s", status, retryAfter)
		headers = append(headers, "Retry-After", retryAfter)
	}
	return fault{name: name, pauses: pauses, reject: rejectAll(status, relayError("too many requests"), headers...)}
}

var pauseFaults = []fault{
	pause(429, "", false), pause(429, "-5", false), pause(429, "soon", false), pause(429, "3", false),
	pause(429, "Mon, 01 Jan 1990 00:00:00 GMT", false), pause(429, "86400", true), pause(429, "Fri, 31 Dec 9999 23:59:59 GMT", true),
	pause(503, "", false), pause(503, "3", false),
}

var tlsFaults = []fault{
	{name: "certificate of an unknown authority", tls: func(*tls.Config) {}},
	{name: "plain HTTP on the port of TLS", tls: func(*tls.Config) {}, accept: func(_ *proxy, conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<16))
		_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
	}},
	{name: "closed in the handshake", tls: func(*tls.Config) {}, accept: func(_ *proxy, conn net.Conn) { _, _ = conn.Read(make([]byte, 1<<16)) }},
	{name: "silent in the handshake", hangs: true, tls: func(*tls.Config) {}, accept: func(p *proxy, _ net.Conn) { <-p.closing }},
}
