package cli

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/xiexus/xiexus-go/internal/safetext"
)

const (
	// maxLogged is how many lines may wait to be written. More are dropped.
	maxLogged = 1 << 10
	// maxLoggedText is how many characters of a method and a path are logged.
	maxLoggedText = 200
	// logGrace is how long serve waits at its end for the last lines to be written.
	logGrace = time.Second
)

// requestLog logs requests, one line each. No request waits for its line to be written:
// standard error may be a pipe that nobody reads. A nil requestLog logs nothing.
type requestLog struct {
	out     io.Writer
	redact  func([]byte) []byte
	lines   chan string
	dropped atomic.Int64
	stop    chan struct{}
	done    chan struct{}
}

func startRequestLog(out io.Writer, redact func([]byte) []byte) *requestLog {
	l := &requestLog{
		out: out, redact: redact, lines: make(chan string, maxLogged),
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	go l.run()
	return l
}

// close writes the lines that are waiting, unless that takes too long.
func (l *requestLog) close() {
	if l == nil {
		return
	}
	close(l.stop)
	select {
	case <-l.done:
	case <-time.After(logGrace):
	}
}

// run writes lines until the log is closed. Handlers may still add some after that.
func (l *requestLog) run() {
	defer close(l.done)
	for {
		select {
		case line := <-l.lines:
			l.write(line)
		case <-l.stop:
			for len(l.lines) > 0 {
				l.write(<-l.lines)
			}
			return
		}
	}
}

func (l *requestLog) write(line string) {
	if n := l.dropped.Swap(0); n > 0 {
		line = fmt.Sprintf("requests not logged: %d\n%s", n, line)
	}
	_, _ = io.WriteString(l.out, line)
}

// wrap returns a handler that logs the requests to another.
func (l *requestLog) wrap(handler http.Handler) http.Handler {
	if l == nil {
		return handler
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		start := time.Now()
		response := &loggedResponse{ResponseWriter: w, cutOff: true}
		defer func() { l.add(start, req, response) }() // also if the handler panics to cut off the response
		handler.ServeHTTP(response, req)
		response.cutOff = false
	})
}

// add logs a request. Its headers, body and query may be secret, so they are not logged.
func (l *requestLog) add(start time.Time, req *http.Request, response *loggedResponse) {
	request := l.redact([]byte(req.Method + " " + req.URL.EscapedPath()))
	line := fmt.Sprintf("%s  %s  %s  %s\n", start.Format(time.TimeOnly),
		safetext.Line(string(request), maxLoggedText), response.describe(), milliseconds(time.Since(start)))
	select {
	case l.lines <- line:
	default:
		l.dropped.Add(1)
	}
}

func milliseconds(d time.Duration) string {
	if d < time.Millisecond {
		return "<1ms"
	}
	return d.Round(time.Millisecond).String()
}

// loggedResponse remembers what becomes of a response.
type loggedResponse struct {
	http.ResponseWriter
	status int // 0 as long as nothing has been sent
	cutOff bool
}

// WriteHeader sends the status.
func (r *loggedResponse) WriteHeader(status int) {
	r.status = cmp.Or(r.status, status)
	r.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body.
func (r *loggedResponse) Write(p []byte) (int, error) {
	r.status = cmp.Or(r.status, http.StatusOK)
	return r.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] flush the response and close its connection.
func (r *loggedResponse) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *loggedResponse) describe() string {
	switch {
	case r.status == 0:
		return "no response"
	case r.cutOff:
		return strconv.Itoa(r.status) + ", cut off"
	}
	return strconv.Itoa(r.status)
}
