package relay

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kind sorts errors by what they mean to a caller.
type Kind int

// The kinds of Error. KindOther is an error that has no name of its own.
const (
	KindOther Kind = iota
	KindNotFound
	KindUnauthorized
	KindForbidden
	KindRateLimited
	KindUnavailable
	KindUnexpected
	KindTooLarge
)

// Codes that mean more than the status they come with.
const (
	codeSuccess       = "success"
	codeTaskNotExist  = "task_not_exist"  // with 400; the document says 404
	codeModelNotFound = "model_not_found" // with 503, and yet for good
)

// KindOf says what a status and a code mean.
func KindOf(statusCode int, code string) Kind {
	switch {
	case code == codeTaskNotExist && statusCode < 500,
		statusCode == http.StatusNotFound,
		statusCode == http.StatusGone:
		return KindNotFound
	case statusCode == http.StatusUnauthorized:
		return KindUnauthorized
	case statusCode == http.StatusForbidden:
		return KindForbidden
	case statusCode == http.StatusTooManyRequests:
		return KindRateLimited
	case statusCode == http.StatusRequestTimeout, statusCode >= 500:
		return KindUnavailable
	case statusCode < 400:
		return KindUnexpected
	}
	return KindOther
}

// Error is an answer that is not a task.
type Error struct {
	Kind       Kind
	StatusCode int
	Code       string
	Type       string
	Param      string
	Message    string
	RequestID  string
	RetryAfter time.Duration
	// Page reports that the body is a page of HTML: a front page, a gateway.
	Page bool
	// Cut reports that the answer ended early: asking again may help.
	Cut bool
	// Cause is the error of reading or decoding, if that is what failed.
	Cause error
}

// Error says what the relay answered.
func (e *Error) Error() string {
	return strings.TrimSuffix(fmt.Sprintf("%d %s: %s", e.StatusCode, http.StatusText(e.StatusCode), e.Message), ": ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Transient reports whether the same question may get a better answer soon.
func (e *Error) Transient() bool {
	return e.Cut || e.Kind == KindRateLimited || e.Kind == KindUnavailable && e.Code != codeModelNotFound
}

// Definite reports a no that asking again cannot change: a bad request, a
// refused key, a task that is not there.
func (e *Error) Definite() bool {
	switch e.Kind {
	case KindNotFound, KindUnauthorized, KindForbidden:
		return true
	}
	return e.StatusCode == http.StatusBadRequest
}

// problem is an error body in either envelope.
type problem struct {
	Error   *details `json:"error"`
	Code    text     `json:"code"`
	Message text     `json:"message"`
}

// details is the inner object of the document's error envelope. Its code may be
// a string, a number or null.
type details struct {
	Message text `json:"message"`
	Type    text `json:"type"`
	Param   text `json:"param"`
	Code    text `json:"code"`
}

// UnmarshalJSON also takes a bare string: the message.
func (d *details) UnmarshalJSON(data []byte) error {
	type plain details // without this method
	if data[0] == '{' {
		return unmarshal(data, (*plain)(d))
	}
	return d.Message.UnmarshalJSON(data)
}

// parseProblem fills e from a body in any form: either envelope, text, HTML or nothing.
func (e *Error) parseProblem(header http.Header, body []byte) {
	switch {
	case looksLikeJSON(body):
		var p problem
		_ = unmarshal(body, &p) // what does not fit stays empty
		e.Code, e.Message = string(p.Code), string(p.Message)
		if p.Error != nil {
			e.Type, e.Param = string(p.Error.Type), string(p.Error.Param)
			e.Code = string(first(p.Error.Code, p.Code))
			e.Message = string(first(p.Error.Message, p.Message))
		}
		if e.Code == codeSuccess {
			e.Code = "" // of an envelope with nothing in it
		}
	case looksLikeHTML(header, body):
		e.Page = true
		e.Message = "a page of HTML instead of JSON"
	default:
		e.Message = firstLine(body)
	}
}

func first(a, b text) text {
	if a != "" {
		return a
	}
	return b
}

// firstLine returns the beginning of a text body, short enough for a message.
func firstLine(body []byte) string {
	const longest = 200
	line, _, _ := strings.Cut(strings.TrimSpace(string(body[:min(len(body), 4*longest)])), "\n")
	if runes := []rune(line); len(runes) > longest {
		line = string(runes[:longest]) + "…"
	}
	return strings.ToValidUTF8(strings.TrimSpace(line), "")
}

// requestID finds the id that the relay's operator can look a request up by: in
// a header, or inside the message of a 401 or 403.
func requestID(header http.Header, message string) string {
	for _, name := range []string{"X-Oneapi-Request-Id", "X-Request-Id"} {
		if id := header.Get(name); id != "" {
			return id
		}
	}
	if _, rest, found := strings.Cut(message, "(request id: "); found {
		if id, _, closed := strings.Cut(rest, ")"); closed {
			return id
		}
	}
	return ""
}
