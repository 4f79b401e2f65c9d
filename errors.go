package xiexus

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

// What errors of this package are, for errors.Is.
var (
	// ErrTaskNotFound: the relay has no such task, or it is another account's.
	ErrTaskNotFound = errors.New("task not found")
	// ErrUnauthorized: the key is missing, wrong, disabled, expired or used up (401).
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden: the key is good, but not for this (403).
	ErrForbidden = errors.New("forbidden")
	// ErrRateLimited: too many requests (429); see APIError.RetryAfter.
	ErrRateLimited = errors.New("rate limited")
	// ErrUnavailable: the relay could not be reached or could not answer (408, 5xx, network).
	ErrUnavailable = errors.New("relay unavailable")
	// ErrInvalidTaskID: the id cannot be one; nothing was sent.
	ErrInvalidTaskID = errors.New("invalid task id")
	// ErrInvalidRequest: Create was asked for what no relay takes; nothing was sent.
	ErrInvalidRequest = errors.New("invalid request")
	// ErrUnexpectedResponse: an answer that is none of a relay's, often because
	// the base URL is wrong.
	ErrUnexpectedResponse = errors.New("unexpected response")
	// ErrResponseTooLarge: the answer is larger than WithMaxResponseSize allows, or
	// the video than WithMaxDownloadSize.
	ErrResponseTooLarge = errors.New("response too large")
	// ErrWaitTimeout: the wait's own deadline passed, see WithMaxWait. Such an
	// error is also context.DeadlineExceeded.
	ErrWaitTimeout = errors.New("wait timed out")
)

// longestMessage is how many characters of a relay's own words an error shows.
const longestMessage = 500

// sentinels names the kinds of answers.
var sentinels = map[relay.Kind]error{
	relay.KindNotFound:     ErrTaskNotFound,
	relay.KindUnauthorized: ErrUnauthorized,
	relay.KindForbidden:    ErrForbidden,
	relay.KindRateLimited:  ErrRateLimited,
	relay.KindUnavailable:  ErrUnavailable,
	relay.KindUnexpected:   ErrUnexpectedResponse,
	relay.KindTooLarge:     ErrResponseTooLarge,
}

// APIError is an answer of the relay that is not a task. errors.Is finds the
// sentinel that fits: by the status code, and by the code where that says more
// (relays answer 400 with task_not_exist where the document says 404).
type APIError struct {
	// StatusCode is the HTTP status code.
	StatusCode int
	// Code, Type, Param and Message are the relay's words, or empty. Code is
	// text even where the relay sends a number.
	Code, Type, Param, Message string
	// RequestID is what the relay's operator can find the request by, or empty.
	RequestID string
	// RetryAfter is how long the relay asked to wait, or 0.
	RetryAfter time.Duration
	// Method and URL are those of the request.
	Method, URL string

	told relay.Error // what was made of the answer; the zero value in an APIError made by hand
}

// newAPIError says which request got this answer.
func newAPIError(told *relay.Error, req *http.Request) *APIError {
	return &APIError{
		StatusCode: told.StatusCode,
		Code:       told.Code,
		Type:       told.Type,
		Param:      told.Param,
		Message:    told.Message,
		RequestID:  told.RequestID,
		RetryAfter: told.RetryAfter,
		Method:     req.Method,
		URL:        req.URL.String(),
		told:       *told,
	}
}

// Error says what the relay answered to which request, and what to do about it.
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
		fmt.Fprintf(&b, " (request id %s)", safetext.Line(e.RequestID, longestMessage))
	}
	if advice := e.advice(); advice != "" {
		fmt.Fprintf(&b, "; %s", advice)
	}
	return b.String()
}

// advice says what to do next, where that is known.
func (e *APIError) advice() string {
	switch e.kindOf() {
	case relay.KindOther:
		if e.StatusCode == http.StatusNotFound && e.told.Page {
			return "check the base URL"
		}
	case relay.KindUnauthorized:
		return "check the API key"
	case relay.KindNotFound:
		if e.told.Page || strings.HasPrefix(e.Message, "Invalid URL") {
			return "check the base URL"
		}
		return "check the id, and that the key is of the account that made the task"
	case relay.KindRateLimited:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("try again in %s", e.RetryAfter)
		}
		return "try again later"
	case relay.KindTooLarge:
		return "allow larger answers (WithMaxResponseSize)"
	case relay.KindUnexpected:
		if e.told.Page || e.StatusCode/100 == 3 {
			return "the base URL is probably wrong"
		}
	}
	return ""
}

func (e *APIError) kindOf() relay.Kind {
	kind := e.told.Kind
	if kind == relay.KindOther {
		kind = relay.KindOf(e.StatusCode, e.Code)
	}
	if kind == relay.KindNotFound && e.Method == http.MethodPost {
		return relay.KindOther // no task yet that could be missing: it is a model, or the route
	}
	return kind
}

// Is reports whether target is the sentinel that fits. A page of HTML, and an
// answer that was cut off, are ErrUnexpectedResponse beside what else they are.
func (e *APIError) Is(target error) bool {
	if target == ErrUnexpectedResponse && (e.told.Cut || e.told.Page && e.StatusCode < http.StatusInternalServerError) {
		return true
	}
	return target != nil && sentinels[e.kindOf()] == target
}

// Unwrap returns the error of reading or decoding the answer, if there was one.
func (e *APIError) Unwrap() error { return e.told.Cause }

// TaskFailedError is the error of a wait whose task failed.
type TaskFailedError struct {
	// Task is the failed task.
	Task *Task
	// Code and Message are the relay's reason; relays leave out either, or both.
	Code, Message string
}

// Error says which task failed and why.
func (e *TaskFailedError) Error() string {
	reason := safetext.Line(e.Message, longestMessage)
	if reason == "" {
		reason = "the relay gives no reason"
	}
	if e.Code != "" && e.Code != "0" {
		reason += fmt.Sprintf(" (code %s)", safetext.Line(e.Code, longestMessage))
	}
	if e.Task == nil {
		return "the task failed: " + reason
	}
	return fmt.Sprintf("task %q failed: %s", e.Task.TaskID, reason)
}

// WaitError is the error of a wait that ended before its task did: by its
// deadline, by the caller, or by an answer that asking again cannot change. It
// wraps the reason.
type WaitError struct {
	// TaskID is the task that was waited for.
	TaskID string
	// Task is the task as last seen, or nil if it never was.
	Task *Task
	// Elapsed is how long the wait took.
	Elapsed time.Duration
	// Last is the last question's error, or nil if it was answered with a task.
	// It is not wrapped unless it is the reason.
	Last error

	reason error
}

// Error says how far the wait came and why it ended.
func (e *WaitError) Error() string {
	seen := "never seen"
	if e.Task != nil {
		seen = "last seen " + string(e.Task.Status)
	}
	text := fmt.Sprintf("wait for task %q ended after %s, %s: %v", e.TaskID, e.Elapsed.Round(time.Millisecond), seen, e.reason)
	if e.Last != nil && e.Last != e.reason {
		text += fmt.Sprintf(" (the last error was: %v)", e.Last)
	}
	return text
}

// Unwrap returns the reason.
func (e *WaitError) Unwrap() error { return e.reason }

// timeoutError is the reason of a wait that reached its own deadline.
type timeoutError struct{}

func (timeoutError) Error() string { return ErrWaitTimeout.Error() }

func (timeoutError) Is(target error) bool {
	return target == ErrWaitTimeout || target == context.DeadlineExceeded
}

type invalidTaskIDError struct{ id, reason string }

func (e *invalidTaskIDError) Error() string {
	return fmt.Sprintf("invalid task id %q: it %s", e.id, e.reason)
}

func (e *invalidTaskIDError) Is(target error) bool { return target == ErrInvalidTaskID }

// networkError is a request that got no answer.
type networkError struct{ cause error }

func (e *networkError) Error() string   { return "relay unavailable: " + e.cause.Error() }
func (e *networkError) Unwrap() []error { return []error{ErrUnavailable, e.cause} }
