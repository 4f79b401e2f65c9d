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

// longestOwnDelay bounds the delays that double.
const longestOwnDelay = 8 * time.Second

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

// Do calls op until it succeeds, fails for good, or has been tried MaxRetries+1
// times. Delays start at half a second and double, with jitter; a Verdict's
// After replaces them, up to LongestDelay. When ctx ends during a delay the
// error wraps both the reason and op's last error.
func Do[T any](ctx context.Context, policy Policy, op func() (T, error)) (T, error) {
	var result T
	var last error
	try := func() (T, error) {
		result, last = op()
		if last == nil {
			return result, nil
		}
		verdict := policy.Judge(last)
		switch {
		case !verdict.Again:
			return result, backoff.Permanent(last)
		case verdict.After > 0:
			return result, &backoff.RetryAfterError{Duration: min(verdict.After, LongestDelay)}
		}
		return result, last
	}
	notify := func(_ error, delay time.Duration) {
		if policy.Notify != nil {
			policy.Notify(last, delay)
		}
	}
	delays := backoff.NewExponentialBackOff()
	delays.Multiplier = 2
	delays.MaxInterval = longestOwnDelay
	_, _ = backoff.Retry(ctx, try,
		backoff.WithBackOff(delays),
		backoff.WithMaxTries(uint(policy.MaxRetries)+1),
		backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(notify),
	)
	if last == nil || ctx.Err() == nil || errors.Is(last, ctx.Err()) {
		return result, last
	}
	return result, fmt.Errorf("%w (the last error was: %w)", context.Cause(ctx), last)
}
