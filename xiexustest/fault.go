package xiexustest

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Fault describes one faulty response. The zero value is a normal response. Delay,
// Pause and RetryAfter can be combined with any other field, and on their own do not
// change the rest of the response.
type Fault struct {
	// Delay is how long the response takes. Relays that poll their upstream on every
	// read can take 20 seconds or more to respond.
	Delay time.Duration
	// Pause is how long the response stops in the middle of its body.
	Pause time.Duration
	// RetryAfter is the value of the Retry-After header.
	RetryAfter string
	// Status is the status of an error in the relay's own JSON.
	Status int
	// Body replaces the body of the error.
	Body string
	// Empty sends no body, with Status or 200.
	Empty bool
	// HTML sends an HTML page, with Status or 200, as gateways in front of relays do.
	HTML bool
	// Cut sends half of the response and closes the connection.
	Cut bool
	// UpstreamError makes the relay's upstream respond to a single read in the [Realtime]
	// dialect with an error such as 429. The relay then stores and reports the task as
	// failed, without a reason, until a later such read succeeds. Batches report it too,
	// but do not query the upstream again. Other reads are not affected.
	UpstreamError bool
	// Reset closes the connection without a response. On a reused connection, net/http
	// resends a GET by itself, so the client does not notice.
	Reset bool
}

// TransientFaults returns one of each fault after which a read of the same task may
// succeed: connection errors, empty and HTML responses, and the statuses 408, 429, 500,
// 502 and 503.
func TransientFaults() []Fault {
	return []Fault{
		{Reset: true}, {Cut: true}, {Empty: true}, {HTML: true},
		{Status: http.StatusInternalServerError}, {Status: http.StatusBadGateway, HTML: true},
		{Status: http.StatusServiceUnavailable, Empty: true}, {Status: http.StatusTooManyRequests, Empty: true},
		{Status: http.StatusRequestTimeout},
	}
}

// faults are those of the next requests of a kind, one each.
type faults []Fault

func (f *faults) add(more []Fault) { *f = append(*f, more...) }

// next returns the next fault and removes it, a zero one if there is none.
func (f *faults) next() Fault {
	if len(*f) == 0 {
		return Fault{}
	}
	fault := (*f)[0]
	*f = (*f)[1:]
	return fault
}

// rejects reports whether the relay itself rejects a create request.
func (f Fault) rejects() bool {
	return f.Status != 0 && !f.HTML && !f.Empty && !f.Cut && !f.Reset
}

// apply returns the response to send instead of the right one. It fails when ctx ends.
func (f Fault) apply(ctx context.Context, right response) response {
	wrong := f.replace(right)
	return func(w http.ResponseWriter) error {
		if err := sleep(ctx, f.Delay); err != nil {
			return err
		}
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		switch {
		case f.Reset:
			return reset(w)
		case f.Cut, f.Pause > 0:
			return f.sendInHalves(ctx, w, wrong)
		}
		return wrong(w)
	}
}

// replace returns the error to send instead of the right response, or that response.
func (f Fault) replace(right response) response {
	switch status := max(f.Status, http.StatusOK); {
	case f.HTML:
		return htmlPage(status)
	case f.Empty:
		return text(status, "", "")
	case f.Body != "":
		return text(status, "", f.Body)
	case f.Status == http.StatusTooManyRequests:
		return errorObject(status, "new_api_error", "too many requests")
	case f.Status != 0:
		return envelope(status, "get_task_failed", "failed by the fake relay", nil)
	}
	return right
}

// sleep returns after d, or with an error when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sendInHalves sends half of a response, and after a pause the rest, or closes the
// connection.
func (f Fault) sendInHalves(ctx context.Context, w http.ResponseWriter, complete response) error {
	recorded := &recorder{ResponseWriter: w, status: http.StatusOK}
	if err := complete(recorded); err != nil {
		return err
	}
	body := recorded.body.Bytes()
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(recorded.status)
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush() // or net/http keeps a short body back, and drops it
	if err := sleep(ctx, f.Pause); err != nil {
		return err
	}
	if f.Cut {
		abort(w)
	}
	_, err := w.Write(body[len(body)/2:])
	return err
}

// abort closes the connection in the middle of a response.
func abort(w http.ResponseWriter) {
	_ = http.NewResponseController(w).Flush() // or net/http drops what was written
	panic(http.ErrAbortHandler)
}

// reset closes the connection; over TCP the client sees "connection reset by peer".
func reset(w http.ResponseWriter) error {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 resets the stream
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	return conn.Close()
}

// recorder keeps a response instead of sending it.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
