package xiexus

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

// APIError is an error response, or one that is not what was requested. It matches the
// sentinel error for its status code, or for its Code where that is more specific: relays
// send 400 with task_not_exist where the OpenAPI document says 404. If a 2xx has the status
// of an error as its Code, that is the status.
type APIError struct {
	// StatusCode is the HTTP status code.
	StatusCode int
	// Code, Type, Param and Message are what the relay reports, or empty. Code is text
	// even if the relay sends a number. If the message is JSON, as that of an upstream may
	// be, Message is the message in it.
	Code, Type, Param, Message string
	// Body is the beginning of the response as received, up to 16 KiB, except for the API
	// key.
	Body string
	// TaskID is the ID of the task that the response to a create request names although it
	// does not accept the request, or that another response is about. It is mostly empty.
	TaskID string
	// RequestID identifies the request in the relay's logs, or is empty.
	RequestID string
	// RetryAfter is the delay that the Retry-After header requests, or zero.
	RetryAfter time.Duration
	// Method and URL are those of the request.
	Method, URL string

	response relay.Failure // what is known of the response; zero if made by hand
	noTask   bool          // the request names no task
}

// Error describes the request, the response, and what to do about it.
func (e *APIError) Error() string {
	var b strings.Builder
	status := fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode))
	fmt.Fprintf(&b, "%s %s: %s", e.Method, e.URL, status)
	if message := safetext.Line(e.Message, longestMessage); !strings.HasSuffix(status, message) {
		fmt.Fprintf(&b, ": %s", message)
	}
	if e.Code != "" && e.Code != e.Message {
		fmt.Fprintf(&b, " (code %s)", safetext.Line(e.Code, longestMessage))
	}
	if e.RequestID != "" && !strings.Contains(e.Message, e.RequestID) {
		fmt.Fprintf(&b, " (request ID %s)", safetext.Line(e.RequestID, longestMessage))
	}
	if e.TaskID != "" {
		fmt.Fprintf(&b, " (about task %q)", safetext.Line(e.TaskID, longestMessage))
	}
	if advice := e.advice(); advice != "" {
		fmt.Fprintf(&b, "; %s", advice)
	}
	return b.String()
}

// advice returns what to do next, or an empty string.
func (e *APIError) advice() string {
	page := e.response.Page
	switch e.sentinel() {
	case ErrUnauthorized: //nolint:errorlint // sentinel wraps nothing
		return "check the API key"
	case ErrQuotaExceeded:
		return "out of quota: top up the account, or raise the limit of the key"
	case ErrModelUnavailable:
		return "no channel serves this model; Client.Models lists those that work"
	case ErrUnavailable:
		if e.isUpstreamRejection() {
			return "the upstream rejects the relay's own key: only the operator of the relay can change that"
		}
	case ErrTaskNotFound:
		if !page && !strings.HasPrefix(e.Message, "Invalid URL") {
			return "check the task ID, and that the key belongs to the account that created the task"
		}
		return "check the base URL"
	case nil, ErrForbidden:
		if page {
			return "check the base URL, and any gateway in front of the relay"
		}
	case ErrUnexpectedResponse:
		if page || e.StatusCode/100 == 3 {
			return "the base URL is probably wrong"
		}
	case ErrRateLimited:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("retry in %s", e.RetryAfter)
		}
		return "retry later"
	case ErrResponseTooLarge:
		return "raise the limit with WithMaxResponseSize"
	}
	return ""
}

// isUpstreamRejection reports whether the status is about the relay's own key for its
// upstream.
func (e *APIError) isUpstreamRejection() bool {
	return e.StatusCode == http.StatusUnauthorized || e.StatusCode == http.StatusForbidden
}

// consequences returns what follows from the response.
func (e *APIError) consequences() consequences {
	switch meaning := relay.MeaningOf(e.StatusCode, e.Code); {
	case e.response.Cut:
		return consequencesOf[relay.Unavailable]
	case e.response.TooLarge:
		return consequences{sentinel: ErrResponseTooLarge}
	case meaning == relay.NotFound && (e.Method == http.MethodPost || e.noTask):
		return consequencesOf[relay.Rejected] // a model or the endpoint is missing
	default:
		return consequencesOf[meaning]
	}
}

// sentinel returns the sentinel error for the response, or nil.
func (e *APIError) sentinel() error { return e.consequences().sentinel }

// Is reports whether target is the sentinel error for this response. An HTML page and a
// truncated response also match [ErrUnexpectedResponse].
func (e *APIError) Is(target error) bool {
	r := e.response
	if target == ErrUnexpectedResponse && (r.Cut || r.Page && e.StatusCode < http.StatusInternalServerError) {
		return true
	}
	return target != nil && e.sentinel() == target
}

// Unwrap returns the error of reading or decoding the response, or nil.
func (e *APIError) Unwrap() error { return e.response.Cause }
