package relay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxErrorBody is how much of an error's body is worth reading.
const maxErrorBody = 64 << 10

// Answer is a task and what the relay asks of the next question.
type Answer struct {
	Task       Task
	RetryAfter time.Duration
	// Live reports that the relay asked its own upstream in order to answer.
	Live bool
	// Date is the header's value: when the server answered, by its own clock.
	Date string
}

// Reader reads answers of the status route, and of the one that takes tasks.
type Reader struct {
	// MaxSize is the largest body that is read, in bytes.
	MaxSize int64
	// Redactor, if set, takes the key out of what the relay says.
	Redactor Redactor
}

// Redactor replaces what must not be seen in text.
type Redactor interface {
	Redact(text []byte) []byte
}

// Read closes resp.Body and says what resp is: a task, or an *Error.
func (r Reader) Read(resp *http.Response) (Answer, error) { return r.read(resp, parseTask) }

func (r Reader) read(resp *http.Response, parse func(body []byte) (*object, error)) (Answer, error) {
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode/100 != 2 {
		return Answer{}, r.refusal(resp)
	}
	body, err := readBody(resp, r.MaxSize)
	if err != nil {
		return Answer{}, r.failedRead(resp, err)
	}
	body = r.clean(body)
	told, err := parse(body)
	if told == nil {
		return Answer{}, r.notATask(resp, body, err)
	}
	return Answer{
		Task:       told.task(body),
		RetryAfter: RetryAfter(resp.Header),
		Live:       told.live(),
		Date:       resp.Header.Get("Date"),
	}, nil
}

// Refused closes resp.Body and says what resp is, which by its status holds nothing
// that was asked for.
func (r Reader) Refused(resp *http.Response) *Error {
	defer func() { _ = resp.Body.Close() }()
	return r.refusal(resp)
}

// clean takes the key and a byte order mark out of a body.
func (r Reader) clean(body []byte) []byte {
	return bytes.TrimPrefix(r.redact(body), []byte("\xef\xbb\xbf"))
}

func (r Reader) redact(text []byte) []byte {
	if r.Redactor == nil {
		return text
	}
	return r.Redactor.Redact(text)
}

// refusal reads an answer whose status says that it is no task. Its body only
// explains, so that a cut or an oversized one changes nothing.
func (r Reader) refusal(resp *http.Response) *Error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, min(maxErrorBody, r.MaxSize)))
	e := newError(resp)
	e.parseProblem(resp.Header, r.clean(body))
	if location := resp.Header.Get("Location"); resp.StatusCode/100 == 3 && location != "" {
		e.Message = fmt.Sprintf("a redirect to %q, which is not followed", r.redact([]byte(location)))
	}
	return r.sort(e, resp.Header, KindOf(resp.StatusCode, e.Code))
}

// failedRead is the error of a body that could not be read whole.
func (r Reader) failedRead(resp *http.Response, err error) *Error {
	e := newError(resp)
	e.Cause = err
	if tooLarge := (*tooLargeError)(nil); errors.As(err, &tooLarge) {
		e.Message = err.Error()
		return r.sort(e, resp.Header, KindTooLarge)
	}
	e.Cut = true
	e.Message = "the answer was cut off"
	return r.sort(e, resp.Header, KindUnavailable)
}

// notATask is the error of a 200 without a task in it.
func (r Reader) notATask(resp *http.Response, body []byte, err error) *Error {
	e := newError(resp)
	e.Cause = err
	e.parseProblem(resp.Header, body)
	kind := KindUnexpected
	switch {
	case e.Code == codeTaskNotExist:
		kind = KindNotFound
	case len(bytes.TrimSpace(body)) == 0:
		e.Cut, kind = true, KindUnavailable
		e.Message = "an empty answer"
	case isCut(err):
		e.Cut, kind = true, KindUnavailable
		e.Message = "the answer was cut off"
	}
	if e.Message == "" {
		e.Message = "an answer that holds no task"
	}
	return r.sort(e, resp.Header, kind)
}

// isCut reports whether JSON ended before it was complete; encoding/json says so
// in words only.
func isCut(err error) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end")
}

func newError(resp *http.Response) *Error {
	return &Error{StatusCode: resp.StatusCode, RetryAfter: RetryAfter(resp.Header)}
}

// sort completes e once its message is known.
func (r Reader) sort(e *Error, header http.Header, kind Kind) *Error {
	e.Kind = kind
	e.RequestID = string(r.redact([]byte(requestID(header, e.Message))))
	return e
}

type tooLargeError struct{ limit int64 }

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("an answer larger than %d bytes", e.limit)
}

// believedLength is up to where a stated length decides how much memory is taken
// before anything has come.
const believedLength = 64 << 10

// readBody reads a body of at most limit bytes. A larger one is not read
// further, nor at all where its length says so.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	switch length := resp.ContentLength; {
	case length > limit:
		return nil, &tooLargeError{limit}
	case length > 0 && length <= believedLength: // many transports made by hand leave it at 0
		body := make([]byte, length)
		_, err := io.ReadFull(resp.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if int64(len(body)) > limit {
		return nil, &tooLargeError{limit}
	}
	return body, err
}

func looksLikeJSON(body []byte) bool {
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[')
}

func looksLikeHTML(header http.Header, body []byte) bool {
	return strings.Contains(strings.ToLower(header.Get("Content-Type")), "html") ||
		bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}
