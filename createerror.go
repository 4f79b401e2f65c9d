package xiexus

import (
	"fmt"

	"github.com/xiexus/xiexus-go/internal/safetext"
)

// CreateUncertainError is the error of a submit whose answer was lost or said
// nothing: the task may exist and be charged. Relays know no idempotency key, so
// that it is not sent again. It wraps what happened, which mostly is
// ErrUnavailable or the context's error.
type CreateUncertainError struct {
	// RequestID is what the relay's operator can find the request by, or empty.
	RequestID string

	reason error
}

// Error says what happened and what to do about it.
func (e *CreateUncertainError) Error() string {
	request := ""
	if e.RequestID != "" {
		request = fmt.Sprintf(" for request id %s", safetext.Line(e.RequestID, longestMessage))
	}
	return fmt.Sprintf("nothing tells whether the task was taken: it may exist and be charged; look into the relay's task list%s before you submit again: %v", request, e.reason)
}

// Unwrap returns what happened.
func (e *CreateUncertainError) Unwrap() error { return e.reason }
