// Package retry retries one request where that is safe. [Sleep] is what the whole library
// sleeps with: a context can interrupt it.
package retry

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// LongestDelay bounds how long a Retry-After can delay a retry.
	LongestDelay = 2 * time.Minute
	// FirstDelay is the delay before the first retry, before jitter.
	FirstDelay = 500 * time.Millisecond

	// shortestAfter is the shortest delay that a Retry-After can request: its unit.
	shortestAfter   = time.Second
	longestOwnDelay = 8 * time.Second
)

// Verdict is what to do about an error.
type Verdict struct {
	// Retry reports whether another attempt may succeed.
	Retry bool
	// After is the delay that the server requested, or zero.
	After time.Duration
}

// Policy determines which errors are retried, and how often.
type Policy struct {
	// MaxRetries is the number of attempts after the first.
	MaxRetries int
	// Judge decides whether an error is retried.
	Judge func(error) Verdict
	// Notify is called before each delay.
	Notify func(err error, delay time.Duration)
}

// Do calls op until it succeeds, fails with an error that [Policy.Judge] does not
// retry, or has been retried MaxRetries times. Its context has the number of the attempt, see
// [Attempt]. The delays are those of [Verdict.Delay]. When ctx ends during a delay, the error
// wraps both the context's and op's last error.
func Do[T any](ctx context.Context, policy Policy, op func(context.Context) (T, error)) (T, error) {
	for retries := 0; ; retries++ {
		result, err := op(WithAttempt(ctx, retries+1))
		if err == nil {
			return result, nil
		}
		verdict := policy.Judge(err)
		if !verdict.Retry || retries >= policy.MaxRetries {
			return result, err
		}
		delay := verdict.Delay(FirstDelay, retries)
		policy.Notify(err, delay)
		if ended := Sleep(ctx, delay); ended != nil {
			if errors.Is(err, ended) {
				return result, err
			}
			return result, fmt.Errorf("%w (last error: %w)", ended, err)
		}
	}
}

// Delay returns how long to wait before a retry, after a number of retries that
// came before it: [Verdict.After], from one second up to [LongestDelay], or, where that is
// not set, a delay that doubles from first up to eight seconds, with ±50% jitter.
func (v Verdict) Delay(first time.Duration, retries int) time.Duration {
	if v.After > 0 {
		return min(max(v.After, shortestAfter), LongestDelay)
	}
	delay := min(first<<min(retries, 10), longestOwnDelay) // a longer shift could overflow
	return delay/2 + rand.N(delay+1)
}

// Sleep waits for d. It returns [Cause] immediately when ctx ends.
func Sleep(ctx context.Context, d time.Duration) error {
	switch {
	case ctx.Err() != nil:
		return Cause(ctx)
	case d <= 0:
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return Cause(ctx)
	}
}

// Cause returns why ctx has ended: its error, and the cause that was given to it.
func Cause(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}
