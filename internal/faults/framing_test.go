package faults_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net"
	"net/http"
	"sync"
)

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

// length declares a length that is computed from the right one. The connection is not used
// again: it would be by chance whether the next request is sent before the excess is seen.
func length(of func(right int) int) func(net.Conn, *http.Request, response) bool {
	return raw(func(right response) []byte {
		return append(fmt.Appendf(right.head(), "Content-Length: %d\r\nConnection: close\r\n\r\n", of(len(right.body))), right.body...)
	})
}

// chunks sends a body with chunked coding.
func chunks(of func(body []byte) string) func(net.Conn, *http.Request, response) bool {
	return raw(func(right response) []byte {
		return append(right.head(), "Transfer-Encoding: chunked\r\n\r\n"+of(right.body)...)
	})
}

func chunk(body []byte) string { return fmt.Sprintf("%x\r\n%s\r\n", len(body), body) }

// compressed returns a body, compressed.
func compressed(body []byte) []byte {
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	_, _ = writer.Write(body)
	_ = writer.Close()
	return buffer.Bytes()
}

// bomb is 128 MiB of zeros, compressed.
var bomb = sync.OnceValue(func() []byte { return compressed(make([]byte, 128<<20)) })

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
	{name: "gzip", respond: encoded(compressed)},
	{name: "gzip label on plain bytes", respond: encoded(func(body []byte) []byte { return body })},
	{name: "gzip that is cut off", respond: encoded(func(body []byte) []byte {
		all := compressed(body)
		return all[:len(all)/2]
	})},
	{name: "gzip bomb: 1000 to 1", respond: encoded(func(body []byte) []byte { return append(compressed(body), bomb()...) })},
}
