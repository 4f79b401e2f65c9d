// Package retry asks again where that is safe and of use.
package retry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// LongestDelay bounds what a Retry-After can make a retry wait.
const LongestDelay = 2 * time.Minute

// longestOwnDelay is what the delays double to, before jitter.
const longestOwnDelay = 8 * time.Second

// firstDelay is the first of a read's delays, before jitter.
const firstDelay = 500 * time.Millisecond

// Delays returns delays that double from the first to eight seconds, with jitter.
func Delays(first time.Duration) *backoff.ExponentialBackOff {
	delays := backoff.NewExponentialBackOff()
	delays.InitialInterval = first
	delays.Multiplier = 2
	delays.MaxInterval = longestOwnDelay
	delays.Reset()
	return delays
}

// Sleep waits for d, or until ctx ends, which is its error then.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return Ended(ctx)
	}
}

// Verdict says what to do after an error.
type Verdict struct {
	// Again reports whether another try may succeed.
	Again bool
	// After is how long the other side asked to wait; zero if it did not.
	After time.Duration
}

// Policy says how often and when to try again.
type Policy struct {
	// MaxRetries is the number of tries after the first.
	MaxRetries int
	// Judge decides about an error.
	Judge func(error) Verdict
	// Notify, if set, hears of each error that is tried again, and of the delay before.
	Notify func(err error, delay time.Duration)
}

// After calls op again after it has failed, until it succeeds, fails for good, or
// has been repeated MaxRetries times. Delays start at half a second and double,
// with jitter; a Verdict's After replaces them, up to LongestDelay. When ctx ends
// during a delay the error wraps both the reason and op's last error.
//
// The first call is the caller's: what succeeds at once costs nothing here.
func After[T any](ctx context.Context, failed error, policy Policy, op func() (T, error)) (T, error) {
	var result T
	err := failed
	repeated := false
	again := func() (T, error) {
		if repeated {
			result, err = op()
		}
		repeated = true
		return result, policy.mark(err)
	}
	_, _ = backoff.Retry(ctx, again,
		backoff.WithBackOff(Delays(firstDelay)),
		backoff.WithMaxTries(uint(max(policy.MaxRetries, 0))+1),
		backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(_ error, delay time.Duration) {
			if policy.Notify != nil {
				policy.Notify(err, delay)
			}
		}),
	)
	if err == nil || ctx.Err() == nil {
		return result, err
	}
	if errors.Is(err, ctx.Err()) && errors.Is(err, context.Cause(ctx)) {
		return result, err // it says so itself
	}
	return result, fmt.Errorf("%w (the last error was: %w)", Ended(ctx), err)
}

// Ended is the end of ctx: its error and, where the caller gave one, its cause.
func Ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// mark says Judge's verdict on err in the library's terms.
func (p Policy) mark(err error) error {
	if err == nil {
		return nil
	}
	verdict := p.Judge(err)
	switch {
	case !verdict.Again:
		return backoff.Permanent(err)
	case verdict.After > 0:
		return &backoff.RetryAfterError{Duration: min(verdict.After, LongestDelay)}
	}
	return errAgain
}

// errAgain stands for op's error: that may wrap one of the library's own kinds.
var errAgain = errors.New("again")
