package xiexustest

import (
	"net/http"
	"strconv"
	"time"
)

// uncut is the cut of a transfer that is sent completely.
const uncut = -1

// transfer sends one video to one client, with the faults of its delivery.
type transfer struct {
	http.ResponseWriter
	req      *http.Request
	delivery Delivery
	left     int64 // bytes until the cut, or uncut
}

func (t *transfer) WriteHeader(status int) {
	switch {
	case t.delivery.NoContentLength:
		t.Header().Del("Content-Length")
		t.ResponseWriter.WriteHeader(status)
		_ = http.NewResponseController(t.ResponseWriter).Flush() // or net/http sets it for a short body
		return
	case t.delivery.ContentLength > 0:
		t.Header().Set("Content-Length", strconv.FormatInt(t.delivery.ContentLength, 10))
	}
	t.ResponseWriter.WriteHeader(status)
}

func (t *transfer) Write(p []byte) (int, error) {
	if t.left != uncut && int64(len(p)) > t.left {
		_, _ = t.send(p[:t.left])
		t.interrupt()
	}
	n, err := t.send(p)
	if t.left != uncut {
		t.left -= int64(n)
	}
	return n, err
}

// send writes p at the rate of the delivery.
func (t *transfer) send(p []byte) (int, error) {
	rate := t.delivery.Rate
	if rate <= 0 {
		return t.ResponseWriter.Write(p)
	}
	sent := 0
	for sent < len(p) {
		piece := p[sent:min(len(p), sent+int(max(rate/20, 1)))]
		n, err := t.ResponseWriter.Write(piece)
		sent += n
		if err != nil {
			return sent, err
		}
		_ = http.NewResponseController(t.ResponseWriter).Flush()
		if err := sleep(t.req.Context(), time.Duration(n)*time.Second/time.Duration(rate)); err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// interrupt closes the connection, or sends nothing more until the client closes it.
func (t *transfer) interrupt() {
	if t.delivery.Stall {
		_ = http.NewResponseController(t.ResponseWriter).Flush()
		<-t.req.Context().Done()
	}
	abort(t.ResponseWriter)
}
