package faults_test

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// instead is sent instead of the right response, after the server has processed the request.
func instead(status int, contentType, body string) func(net.Conn, *http.Request, response) bool {
	return func(conn net.Conn, _ *http.Request, _ response) bool {
		_, err := conn.Write(response{status: status, header: http.Header{"Content-Type": {contentType}}, body: []byte(body)}.bytes())
		return err == nil
	}
}

// gatewayPage is that of a gateway. It does not forward requests that it calls wrong.
func gatewayPage(status int, title string) fault {
	body := fmt.Sprintf("<html><head><title>%d %s</title></head><body>nginx</body></html>", status, title)
	send := instead(status, "text/html; charset=utf-8", body)
	f := fault{name: fmt.Sprintf("%d %s, a page", status, title), respond: send}
	if status/100 == 4 && status != http.StatusRequestTimeout {
		f.respond, f.reject = nil, func(*http.Request) response {
			return response{status: status, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, body: []byte(body)}
		}
	}
	return f
}

// short is a response with a status and a body.
func short(status int, body string) fault {
	name := fmt.Sprintf("%d, %s", status, cmp.Or(body, "no body"))
	return fault{name: name, respond: instead(status, "application/json", body)}
}

var pageFaults = []fault{
	gatewayPage(200, "OK"), gatewayPage(400, "Bad Request"), gatewayPage(401, "Unauthorized"), gatewayPage(403, "Forbidden"), gatewayPage(404, "Not Found"),
	gatewayPage(408, "Request Timeout"), gatewayPage(500, "Internal Server Error"), gatewayPage(502, "Bad Gateway"), gatewayPage(503, "Service Unavailable"),
	gatewayPage(504, "Gateway Timeout"), gatewayPage(520, "Unknown Error"), gatewayPage(524, "A Timeout Occurred"), gatewayPage(999, "Unknown"),
	short(502, ""), short(200, ""), short(200, "null"), short(200, "[]"),
	short(200, "{}"), short(200, "1"), short(202, "{}"), short(206, "{}"),
	{name: "204", respond: raw(func(response) []byte { return []byte("HTTP/1.1 204 No Content\r\n\r\n") })},
	{name: "304", respond: raw(func(response) []byte { return []byte("HTTP/1.1 304 Not Modified\r\n\r\n") })},
}

// pause responds with the relay's own error, and headers that say when to try again.
func pause(status int, atLeast time.Duration, headers ...string) fault {
	header := http.Header{"Content-Type": {"application/json"}, "X-Oneapi-Request-Id": {"1"}}
	name := "no Retry-After"
	for i := 0; i < len(headers); i += 2 {
		header.Add(headers[i], headers[i+1])
		name = strings.TrimPrefix(name+", "+headers[i]+": "+headers[i+1], "no Retry-After, ")
	}
	body := `{"error":{"message":"too many requests","type":"new_api_error","code":"rate_limit"}}`
	return fault{name: fmt.Sprintf("%d, %s", status, name), pause: atLeast, reject: func(*http.Request) response {
		return response{status: status, header: header, body: []byte(body)}
	}}
}

// pauses are all forms of Retry-After, and headers that clients do not have to know. A client
// that obeys them sends no request for some time.
func pauses(status int) []fault {
	unknown := shortestPause
	if status == http.StatusServiceUnavailable { // perhaps only the batch route is unavailable
		unknown = 0
	}
	return []fault{
		pause(status, unknown),
		pause(status, unknown, "Retry-After", "0"),
		pause(status, unknown, "Retry-After", "0.001"),
		pause(status, unknown, "Retry-After", "-5"),
		pause(status, 3*time.Second, "Retry-After", "3"),
		pause(status, 20*time.Second, "Retry-After", "20"),
		pause(status, longestRetryAfter, "Retry-After", "86400"),
		pause(status, longestRetryAfter, "Retry-After", "99999999999999999999"),
		pause(status, unknown, "Retry-After", "soon"),
		pause(status, unknown, "Retry-After", "1e3"),
		pause(status, unknown, "Retry-After", bubbleStart.AddDate(-10, 0, 0).Format(http.TimeFormat)),
		pause(status, 20*time.Second, "Retry-After", "Sat, 01 Jan 2050 00:00:20 GMT", "Date", "Sat, 01 Jan 2050 00:00:00 GMT"),
		pause(status, longestRetryAfter, "Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"),
		pause(status, 3*time.Second, "Retry-After", "3", "Retry-After", "86400"),
		pause(status, unknown, "Retry-After-Ms", "1"),
		pause(status, unknown, "X-Ratelimit-Reset", "0"),
	}
}

var pauseFaults = slices.Concat(pauses(http.StatusTooManyRequests), pauses(http.StatusServiceUnavailable))
