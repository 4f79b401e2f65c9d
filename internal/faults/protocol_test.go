package faults_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

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
	{name: "endless 103 Early Hints, without pauses", respond: func(conn net.Conn, _ *http.Request, _ response) bool {
		for says("HTTP/1.1 103 Early Hints\r\n\r\n")(conn) {
		}
		return false
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
		return response{status: status, header: http.Header{"Location": {target(req)}}}
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
