package faults_test

import (
	"io"
	"net"
)

// unrequested is a response that nobody has requested.
const unrequested = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 96\r\n\r\n" +
	`{"task_id":"other_1","status":"completed","url":"http://cdn.localhost/other.mp4","filler":"12"}` + "\n"

// says sends something on a connection that is not in use.
func says(text string) func(net.Conn) bool {
	return func(conn net.Conn) bool {
		_, err := io.WriteString(conn, text)
		return err == nil
	}
}

// idleFaults happen to a connection after a response. The call that meets them uses it first.
var idleFaults = []fault{
	{name: "closed", idle: closed},
	{name: "closed when the next request arrives", idle: func(conn net.Conn) bool { _, _ = io.CopyN(io.Discard, conn, 1); return false }},
	{name: "closed after the next request", idle: func(conn net.Conn) bool { _, _ = conn.Read(make([]byte, 1<<16)); return false }},
	{name: "takes no more bytes", idle: func(conn net.Conn) bool { <-conn.(*buffered).proxy.closing; return false }},
	{name: "silent from then on", idle: drain},
	{name: "408 and closed", idle: func(conn net.Conn) bool {
		return says("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")(conn) && false
	}},
	{name: "a response that nobody requested", idle: says(unrequested)},
	{name: "the start of a response", idle: says(unrequested[:10])},
	{name: "endless responses", idle: func(conn net.Conn) bool {
		for says(unrequested)(conn) {
		}
		return false
	}},
}
