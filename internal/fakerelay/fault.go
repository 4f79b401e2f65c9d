package fakerelay

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strconv"
	"time"
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

// refuses reports, of a submit, that the relay says no: the task is not taken.
func (f Fault) refuses() bool {
	return f.Status != 0 && !f.HTML && !f.Empty && !f.Cut && !f.Reset
}

// spoil returns what is answered in place of the right answer.
func (f Fault) spoil(right answer) answer {
	spoiled := right
	switch status := max(f.Status, http.StatusOK); {
	case f.HTML:
		spoiled = htmlPage(status)
	case f.Empty:
		spoiled = text(status, "", "")
	case f.Body != "":
		spoiled = text(status, "", f.Body)
	case f.Status == http.StatusTooManyRequests:
		spoiled = problem(status, "new_api_error", "too many requests")
	case f.Status != 0:
		spoiled = envelope(status, "get_task_failed", "the fake relay is told to fail", nil)
	}
	return func(w http.ResponseWriter) error {
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		switch {
		case f.Reset:
			return reset(w)
		case f.Cut:
			return sendHalf(w, spoiled)
		}
		return spoiled(w)
	}
}

// sendHalf sends half of an answer and closes the connection.
func sendHalf(w http.ResponseWriter, right answer) error {
	whole := &recorder{ResponseWriter: w, status: http.StatusOK}
	if err := right(whole); err != nil {
		return err
	}
	w.Header().Set("Content-Length", strconv.Itoa(whole.body.Len()))
	w.WriteHeader(whole.status)
	_, _ = w.Write(whole.body.Bytes()[:whole.body.Len()/2])
	return hangUp(w)
}

// hangUp closes the connection in the middle of an answer.
func hangUp(w http.ResponseWriter) error {
	_ = http.NewResponseController(w).Flush() // or the abort would take back what was written
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
