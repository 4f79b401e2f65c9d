package outcome

import (
	"errors"

	"github.com/xiexus/xiexus-go"
)

// Error is why there is no video.
type Error struct {
	// Kind is one of the constants below.
	Kind string `json:"kind"`
	// Message describes it.
	Message string `json:"message"`
}

// The kinds of errors.
const (
	KindFailed    = "failed"          // the task failed
	KindNotFound  = "not_found"       // there is no such task
	KindInvalidID = "invalid_task_id" // no task can have the ID
	KindTimedOut  = "timed_out"       // --max-wait has passed
	KindForbidden = "forbidden"       // the key is not allowed to read the task, or to create it
	KindQuota     = "quota_exceeded"  // the account has no quota left
	KindRejected  = "rejected"        // the relay rejected the create request: there is no task
	KindUncertain = "uncertain"       // the create request may have been accepted, and is not repeated
	KindOther     = "other"
)

// NewError describes an error. It returns nil for nil.
func NewError(err error) *Error {
	if err == nil {
		return nil
	}
	return &Error{Kind: kindOf(err), Message: err.Error()}
}

func kindOf(err error) string {
	switch {
	case errors.As(err, new(*xiexus.TaskFailedError)):
		return KindFailed
	case errors.As(err, new(*xiexus.CreateUncertainError)):
		return KindUncertain
	case errors.Is(err, xiexus.ErrTaskNotFound):
		return KindNotFound
	case errors.Is(err, xiexus.ErrInvalidTaskID):
		return KindInvalidID
	case errors.Is(err, xiexus.ErrWaitTimeout):
		return KindTimedOut
	case errors.Is(err, xiexus.ErrForbidden):
		return KindForbidden
	case errors.Is(err, xiexus.ErrQuotaExceeded):
		return KindQuota
	}
	return KindOther
}
