package relay

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/gen"
)

// maxErrorBody is how much of the body of an error is read.
const maxErrorBody = 64 << 10

// Response is a response with a task.
type Response struct {
	Task       Task
	RetryAfter time.Duration
	// Live reports that the relay queried its own upstream for this response.
	Live bool
	// Date is when the relay sent the response by its own clock, or zero.
	Date time.Time
}

// Reader reads the responses of relays.
type Reader struct {
	// MaxSize is the largest body that is read, in bytes.
	MaxSize int64
	// Redactor, if set, removes the key from all that is read.
	Redactor interface{ Redact(text []byte) []byte }
}

// ReadTask reads a response to a read of a task and closes its body. A response about
// another task is a Failure.
func (r Reader) ReadTask(resp *http.Response, taskID string) (Response, *Failure) {
	return r.read(resp, func(decoded *response) *object { return decoded.task(taskID) })
}

// ReadCreated reads the response to a create request and closes its body: the task that
// was accepted. It is queued if it has no status, as in older releases, or one that is not
// known, or that of a success without a video, which is about the request.
func (r Reader) ReadCreated(resp *http.Response) (Response, *Failure) {
	created, failure := r.read(resp, (*response).created)
	if failure != nil {
		return created, failure
	}
	if task := &created.Task; task.Status == StatusUnknown || IsCompleted(task.Status) && task.URL == "" {
		task.Status, task.Error = gen.VideoTaskStatusQueued, gen.VideoTask{}.Error
	}
	return created, nil
}

// ReadFailure reads a response that by its status is an error, and closes its body.
func (r Reader) ReadFailure(resp *http.Response) *Failure {
	defer func() { _ = resp.Body.Close() }()
	// The body only explains the error: it may be incomplete.
	limit := min(maxErrorBody, r.MaxSize)
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	if body = r.clean(body); err != nil || int64(len(body)) >= limit {
		body = withoutLastWord(body)
	}
	failure := r.newFailure(resp)
	failure.describe(resp.Header, body)
	if location := resp.Header.Get("Location"); resp.StatusCode/100 == 3 && location != "" {
		failure.Message = fmt.Sprintf("redirect to %q not followed", r.clean([]byte(location)))
	}
	return failure
}

func (r Reader) read(resp *http.Response, find func(*response) *object) (Response, *Failure) {
	if resp.StatusCode/100 != 2 {
		return Response{}, r.ReadFailure(resp)
	}
	defer func() { _ = resp.Body.Close() }()
	body, failure := r.readBody(resp)
	if failure != nil {
		return Response{}, failure
	}
	decoded, err := decodeResponse(body)
	found := find(decoded)
	if found == nil {
		return Response{}, r.without("task", resp, body, err)
	}
	response := newResponse(resp, newTask(decoded, found, baseOf(resp)))
	response.Live = found.inData && response.Task.isLive()
	return response, nil
}

// baseOf returns what relative URLs in a response are relative to, or nil.
func baseOf(resp *http.Response) *url.URL {
	if resp.Request == nil {
		return nil
	}
	return resp.Request.URL
}

func newResponse(resp *http.Response, task Task) Response {
	return Response{Task: task, RetryAfter: RetryAfter(resp.Header), Date: date(resp)}
}

// date returns the clock of the server, or zero.
func date(resp *http.Response) time.Time {
	date, _ := http.ParseTime(resp.Header.Get("Date"))
	return date
}

// readBody reads a body of at most MaxSize bytes. It reads no more than that of a
// larger one, and nothing if its length is known.
func (r Reader) readBody(resp *http.Response) ([]byte, *Failure) {
	const believedLength = 64 << 10 // no larger body is allocated in advance
	var body []byte
	var err error
	size := resp.ContentLength
	switch {
	case 0 < size && size <= min(r.MaxSize, believedLength):
		var n int
		body = make([]byte, size)
		n, err = io.ReadFull(resp.Body, body)
		body = body[:n]
	case size <= r.MaxSize:
		body, err = io.ReadAll(io.LimitReader(resp.Body, r.MaxSize+1))
		size = int64(len(body))
	}
	if err == nil && size >= resp.ContentLength && size <= r.MaxSize {
		return r.clean(body), nil
	}
	failure := r.newFailure(resp)
	if size > r.MaxSize {
		failure.TooLarge = true
		failure.Cause = fmt.Errorf("response larger than %d bytes", r.MaxSize)
		failure.Message = failure.Cause.Error()
		return nil, failure
	}
	failure.setCut("response truncated")
	failure.keep(withoutLastWord(r.clean(body)))
	if err == nil || err == io.EOF { //nolint:errorlint // as io.ReadFull returns it
		err = io.ErrUnexpectedEOF
	}
	failure.Cause = err
	return nil, failure
}

// without describes a 2xx response without what was requested, such as a task.
func (r Reader) without(wanted string, resp *http.Response, body []byte, err error) *Failure {
	failure := r.newFailure(resp)
	failure.describe(resp.Header, body)
	failure.Cause = err
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		failure.setCut("empty response")
	case isTruncated(body):
		failure.setCut("response truncated")
	case failure.Message == "" && failure.TaskID != "":
		failure.Message = "no " + wanted + " in the response, or another one"
	case failure.Message == "":
		failure.Message = "no " + wanted + " in the response"
	}
	return failure
}

// RequestID returns what identifies a request in the logs of the relay, or an empty string.
func RequestID(header http.Header) string {
	return cmp.Or(header.Get(requestIDHeader), header.Get("X-Request-Id"))
}

// newFailure returns a failure with the status and what the headers report.
func (r Reader) newFailure(resp *http.Response) *Failure {
	id := []byte(RequestID(resp.Header))
	return &Failure{StatusCode: resp.StatusCode, RequestID: string(r.clean(id)), RetryAfter: RetryAfter(resp.Header), Date: date(resp)}
}

func (f *Failure) setCut(message string) {
	f.Cut, f.Message = true, message
}

// clean removes the key and a byte order mark.
func (r Reader) clean(text []byte) []byte {
	if r.Redactor != nil {
		text = r.Redactor.Redact(text)
	}
	return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
}

func isHTML(header http.Header, body []byte) bool {
	return strings.Contains(strings.ToLower(header.Get("Content-Type")), "html") ||
		bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) && !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<?xml"))
}
