package main

import (
	"context"
	"errors"

	"github.com/xiexus/xiexus-go"
)

// The exit codes, as the help shows them.
const (
	exitOther       = 1
	exitUsage       = 2
	exitTaskFailed  = 3
	exitNotFound    = 4
	exitKeyRefused  = 5
	exitTimedOut    = 6
	exitUnavailable = 7
	exitInterrupted = 130
)

const exitCodes = `Exit codes:
  0    done
  1    any other error
  2    the command line, a task id, the key or the base URL cannot be right
  3    a task failed (wait, download, create --wait)
  4    a task was not found
  5    the key was refused
  6    timed out
  7    the relay is unavailable
  130  interrupted
With several tasks it is the code of the first, in the order given, that went wrong.`

// usageError is what the user has to change on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// exitCode says how a command ended.
func exitCode(err error) int {
	var usage usageError
	var failed *xiexus.TaskFailedError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage), errors.Is(err, xiexus.ErrInvalidTaskID), errors.Is(err, xiexus.ErrInvalidRequest):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &failed):
		return exitTaskFailed
	case errors.Is(err, xiexus.ErrTaskNotFound):
		return exitNotFound
	case errors.Is(err, xiexus.ErrUnauthorized), errors.Is(err, xiexus.ErrForbidden):
		return exitKeyRefused
	case errors.Is(err, context.DeadlineExceeded):
		return exitTimedOut
	case errors.Is(err, xiexus.ErrUnavailable), errors.Is(err, xiexus.ErrRateLimited), errors.Is(err, xiexus.ErrIncomplete):
		return exitUnavailable
	}
	return exitOther
}
