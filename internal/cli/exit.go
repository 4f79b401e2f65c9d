package cli

import (
	"context"
	"errors"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/taskids"
)

// The exit codes, as described in the help.
const (
	exitOther       = 1
	exitUsage       = 2
	exitTaskFailed  = 3
	exitNotFound    = 4
	exitKeyRejected = 5
	exitTimedOut    = 6
	exitUnavailable = 7
	exitNoVideo     = 8
	exitInterrupted = 130
)

const exitCodesHelp = `Exit codes:
  0    success
  1    any error not listed below, such as a failed --exec command
  2    invalid command line, task ID, API key or base URL
  3    a task failed (wait, download, create --wait)
  4    a task was not found
  5    the API key was rejected or lacks permission (401, 403)
  6    timed out
  7    the relay or the video's server is unavailable, the rate limit was
       exceeded (429), or a download is incomplete
  8    a task is completed, but the relay has no video of it
  130  interrupted
With several tasks, the exit code is that of the first task, in the order given,
that had an error. A rejected API key ends the command for all tasks.`

// usageError is an error that the user has to correct on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// interruptedError is a [context.Canceled] with a shorter message.
type interruptedError struct{}

func (interruptedError) Error() string { return "interrupted" }
func (interruptedError) Unwrap() error { return context.Canceled }

// interrupted reports whether the user has interrupted the command.
func interrupted(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

// exitCode returns the exit code for the error of a command.
func exitCode(err error) int {
	var usage usageError
	var ids *taskids.InvalidError
	var failed *xiexus.TaskFailedError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled): // also while what the command line names is read
		return exitInterrupted
	case errors.As(err, &usage), errors.As(err, &ids), errors.Is(err, xiexus.ErrInvalidTaskID), errors.Is(err, xiexus.ErrInvalidRequest):
		return exitUsage
	case errors.As(err, &failed):
		return exitTaskFailed
	case errors.Is(err, xiexus.ErrTaskNotFound):
		return exitNotFound
	case errors.Is(err, xiexus.ErrNoVideo):
		return exitNoVideo
	case errors.Is(err, xiexus.ErrUnauthorized), errors.Is(err, xiexus.ErrForbidden):
		return exitKeyRejected
	case errors.Is(err, context.DeadlineExceeded):
		return exitTimedOut
	case errors.Is(err, xiexus.ErrUnavailable), errors.Is(err, xiexus.ErrRateLimited), errors.Is(err, xiexus.ErrIncomplete):
		return exitUnavailable
	}
	return exitOther
}
