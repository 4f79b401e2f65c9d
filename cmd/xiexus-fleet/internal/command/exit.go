package command

import (
	"context"
	"errors"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/taskids"
)

// The exit codes, which are those of the command xiexus.
const (
	exitOther       = 1
	exitUsage       = 2
	exitTaskFailed  = 3
	exitNotFound    = 4
	exitKeyRejected = 5
	exitTimedOut    = 6
	exitUnavailable = 7
	exitInterrupted = 130
)

const exitCodesHelp = `Exit codes:
  0    success
  1    any error not listed below
  2    invalid command line, task ID, API key or base URL
  3    a task failed (results)
  4    a task was not found (results)
  5    the API key was rejected or lacks permission (401, 403)
  6    timed out
  7    the NATS servers, or the relay, are unavailable
  130  interrupted`

// usageError is an error that the user has to correct on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// interruptedError is a [context.Canceled] with a shorter message.
type interruptedError struct{}

func (interruptedError) Error() string { return "interrupted" }
func (interruptedError) Unwrap() error { return context.Canceled }

// exitCode returns the exit code for the error of a command.
func exitCode(err error) int {
	var usage usageError
	var ids *taskids.InvalidError
	var coded codedError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &coded):
		return coded.code
	case errors.As(err, &usage), errors.As(err, &ids), errors.Is(err, xiexus.ErrInvalidTaskID), errors.Is(err, xiexus.ErrInvalidRequest):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, xiexus.ErrUnauthorized), errors.Is(err, xiexus.ErrForbidden):
		return exitKeyRejected
	case errors.Is(err, xiexus.ErrUnavailable), isUnreachable(err):
		return exitUnavailable
	case errors.Is(err, context.DeadlineExceeded):
		return exitTimedOut
	}
	return exitOther
}

// codedError is an error with an exit code of its own.
type codedError struct {
	error
	code int
}
