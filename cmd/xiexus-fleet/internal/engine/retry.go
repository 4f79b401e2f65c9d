package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// attemptTime is how long one attempt may take: a cluster elects a new leader in less.
const attemptTime = 5 * time.Second

// Retry calls an operation on the store until it succeeds, returns a permanent error, or ctx
// ends; then it returns the last error as well.
func Retry(ctx context.Context, operation func(context.Context) error) error {
	delay := 50 * time.Millisecond
	for {
		attempt, cancel := context.WithTimeout(ctx, attemptTime)
		err := operation(attempt)
		cancel()
		if err == nil || isPermanent(err) {
			return err
		}
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
		delay = min(2*delay, 2*time.Second)
	}
}

// isPermanent reports whether trying again cannot help.
func isPermanent(err error) bool {
	if IsConflict(err) || errors.As(err, new(*ShapeError)) || errors.As(err, new(*permanentError)) {
		return true
	}
	return errors.Is(err, jetstream.ErrKeyNotFound) || errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrMaxPayload)
}

// permanentError is an error that trying again cannot change.
type permanentError struct{ error }

func (e *permanentError) Unwrap() error { return e.error }

// IsConflict reports whether an update of a key failed because somebody else has changed it,
// or its creation because it exists.
func IsConflict(err error) bool {
	var apiErr *jetstream.APIError
	if !errors.As(err, &apiErr) {
		return errors.Is(err, jetstream.ErrKeyExists)
	}
	return apiErr.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		apiErr.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant
}
