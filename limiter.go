package xiexus

import (
	"context"
	"fmt"

	"github.com/xiexus/xiexus-go/internal/retry"
	"golang.org/x/time/rate"
)

// Limiter limits the rate of requests. A [*golang.org/x/time/rate.Limiter] is one; another may
// be shared by clients on several machines.
type Limiter interface {
	// Wait blocks until a request may be sent. It returns an error if ctx ends before that,
	// or if it cannot find out when. It may be called concurrently.
	Wait(ctx context.Context) error
}

// WithRateLimit limits the requests of the Client to the relay to perSecond on average and
// bursts of burst, across all tasks. [Client.API] and downloads that do not use the
// relay's content endpoint are not limited. By default there is no limit. Of several limits,
// including that of [WithLimiter], the last one applies.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(cfg *config) error {
		if !(perSecond > 0) || burst < 1 {
			return fmt.Errorf("WithRateLimit: rate and burst must be positive, got %v and %d", perSecond, burst)
		}
		return WithLimiter(rate.NewLimiter(rate.Limit(perSecond), burst))(cfg)
	}
}

// WithLimiter calls limiter.Wait before each request that [WithRateLimit] would limit, for a
// limit that several clients share. The time spent in Wait does not count against
// [WithRequestTimeout]. By default there is no limiter.
//
// If Wait returns an error, the request is not sent and fails with an error that wraps it and
// matches [ErrUnavailable]. It is retried like a request that found no connection, and a
// wait continues.
func WithLimiter(limiter Limiter) Option {
	return func(cfg *config) error {
		isNil := limiter == nil
		if standard, ok := limiter.(*rate.Limiter); ok {
			limiter, isNil = patientLimiter{standard}, standard == nil
		}
		cfg.limiter = limiter
		return notNil("WithLimiter", isNil)
	}
}

// patientLimiter waits until ctx ends if the turn would come after its deadline. A
// rate.Limiter returns an error immediately, and the poll would count as failed.
type patientLimiter struct{ *rate.Limiter }

// Wait implements [Limiter].
func (l patientLimiter) Wait(ctx context.Context) error {
	err := l.Limiter.Wait(ctx)
	if _, ends := ctx.Deadline(); ends && err != nil {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

// waitForTurn waits until the [Limiter] allows a request.
func (c *Client) waitForTurn(ctx context.Context) error {
	var err error
	if c.limiter != nil {
		err = c.limiter.Wait(ctx)
	}
	switch {
	case ctx.Err() != nil:
		return retry.Cause(ctx)
	case err != nil:
		return fmt.Errorf("%w: request not allowed by the limiter: %w", ErrUnavailable, err)
	}
	return nil
}
