package fakerelay

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/xiexus/xiexus-go/gen/server"
)

// Fault is one answer gone wrong. The zero value is none. Delay and RetryAfter
// go with any other field, and on their own with the answer as it should be.
type Fault struct {
	// Delay holds the answer back.
	Delay time.Duration
	// RetryAfter is the header's value.
	RetryAfter string
	// Status answers with this status and an error in the relay's envelope.
	Status int
	// Body takes the place of the error's body, as text.
	Body string
	// Empty answers without a body.
	Empty bool
	// HTML answers with a page.
	HTML bool
	// Cut sends half of the answer and closes the connection.
	Cut bool
	// Reset closes the connection without an answer.
	Reset bool
}

// Transients are the faults that a wait asks past.
func Transients() []Fault {
	return []Fault{
		{Reset: true}, {Cut: true}, {Empty: true}, {HTML: true},
		{Status: http.StatusInternalServerError}, {Status: http.StatusBadGateway, HTML: true},
		{Status: http.StatusServiceUnavailable, Empty: true}, {Status: http.StatusTooManyRequests, Empty: true},
		{Status: http.StatusRequestTimeout},
	}
}

// wait holds the answer back.
func (f Fault) wait(ctx context.Context) error {
	if f.Delay <= 0 {
		return nil
	}
	timer := time.NewTimer(f.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// spoil returns what is answered in place of the right answer.
func (f Fault) spoil(right server.GetVideoGenerationResponseObject) server.GetVideoGenerationResponseObject {
	answer := right
	switch status := max(f.Status, http.StatusOK); {
	case f.HTML:
		answer = htmlPage(status)
	case f.Empty:
		answer = response{status: status}
	case f.Body != "":
		answer = response{status: status, body: f.Body}
	case f.Status == http.StatusTooManyRequests:
		answer = problem(status, "new_api_error", "too many requests")
	case f.Status != 0:
		answer = envelope(status, "get_task_failed", "the fake relay is told to fail", nil)
	}
	return spoiled{fault: f, answer: answer}
}

// spoiled is an answer that breaks on its way.
type spoiled struct {
	fault  Fault
	answer server.GetVideoGenerationResponseObject
}

func (s spoiled) VisitGetVideoGenerationResponse(w http.ResponseWriter) error {
	switch {
	case s.fault.Reset:
		return reset(w)
	case s.fault.RetryAfter != "":
		w.Header().Set("Retry-After", s.fault.RetryAfter)
	}
	if !s.fault.Cut {
		return s.answer.VisitGetVideoGenerationResponse(w)
	}
	whole := &recorder{ResponseWriter: w, status: http.StatusOK}
	if err := s.answer.VisitGetVideoGenerationResponse(whole); err != nil {
		return err
	}
	w.Header().Set("Content-Length", strconv.Itoa(whole.body.Len()))
	w.WriteHeader(whole.status)
	_, _ = w.Write(whole.body.Bytes()[:whole.body.Len()/2])
	_ = http.NewResponseController(w).Flush() // or the abort would take this half back
	panic(http.ErrAbortHandler)
}

// reset drops the connection; over TCP the client sees "connection reset by peer".
func reset(w http.ResponseWriter) error {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	return conn.Close()
}

// recorder keeps an answer instead of sending it.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
