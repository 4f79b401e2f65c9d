package worker

import (
	"context"
	"errors"
	"time"

	"github.com/xiexus/xiexus-go"
)

// obey pauses all workers if the relay has requested it.
func (w *Worker) obey(ctx context.Context, retryAfter time.Duration) {
	if retryAfter <= 0 {
		return
	}
	w.Logger.Warn("the relay requests a pause of all workers", "seconds", retryAfter.Seconds())
	if err := w.state.Pause(ctx, time.Now().Add(retryAfter)); err != nil {
		w.Logger.Warn("cannot pause the other workers", "error", err)
	}
}

// requestedPause returns the Retry-After of a request that was rejected with 429, or zero.
func requestedPause(err error) time.Duration {
	var apiErr *xiexus.APIError
	if errors.Is(err, xiexus.ErrRateLimited) && errors.As(err, &apiErr) {
		return apiErr.RetryAfter
	}
	return 0
}
