package retry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/retry"
)

var errStopped = errors.New("stopped")

// contexts end after d in each of the ways there are.
var contexts = []struct {
	name  string
	cause error
	make  func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
}{
	{"canceled", context.Canceled, func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(d, cancel)
		return ctx, cancel
	}},
	{"canceled with a cause", errStopped, func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancelCause(ctx)
		time.AfterFunc(d, func() { cancel(errStopped) })
		return ctx, func() { cancel(nil) }
	}},
	{"deadline", context.DeadlineExceeded, context.WithTimeout},
	{"deadline with a cause", errStopped, func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
		return context.WithTimeoutCause(ctx, d, errStopped)
	}},
}

func TestDo_ContextEndsDuringADelay(t *testing.T) {
	for _, tt := range contexts {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := tt.make(t.Context(), 10*time.Second)
				defer cancel()
				began := time.Now()
				last := after("third", time.Minute)
				var r record
				_, err := r.do(ctx, 5, transient("first"), transient("second"), last)
				require.Equal(t, 10*time.Second, time.Since(began), "at once")
				require.ErrorIs(t, err, tt.cause)
				require.ErrorIs(t, err, ctx.Err())
				require.ErrorIs(t, err, last)
				require.ErrorContains(t, err, tt.cause.Error())
				require.ErrorContains(t, err, "third")
				require.NotContains(t, err.Error(), "second")
				require.Equal(t, 3, r.calls)
			})
		})
	}
}

func ignore(error, time.Duration) {}

func TestDo_ContextEndsDuringTheAttempt(t *testing.T) {
	t.Run("that fails with the context's own error", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		canceled := fmt.Errorf("send: %w", context.Canceled)
		policy := retry.Policy{MaxRetries: 5, Judge: func(error) retry.Verdict { return retry.Verdict{Retry: true} }, Notify: ignore}
		calls := 0
		_, err := retry.Do(ctx, policy, func(context.Context) (int, error) {
			calls++
			cancel()
			return 0, canceled
		})
		require.Equal(t, 1, calls)
		require.Equal(t, canceled, err, "it is not wrapped once more")
	})
	t.Run("that succeeds", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		result, err := retry.Do(ctx, retry.Policy{}, func(context.Context) (int, error) {
			cancel()
			return 7, nil
		})
		require.NoError(t, err)
		require.Equal(t, 7, result)
	})
	t.Run("that fails by another deadline", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errStopped)
			defer cancel()
			policy := retry.Policy{MaxRetries: 3, Judge: func(error) retry.Verdict { return retry.Verdict{Retry: true, After: time.Minute} }, Notify: ignore}
			_, err := retry.Do(ctx, policy, func(context.Context) (int, error) {
				return 0, fmt.Errorf("the request: %w", context.DeadlineExceeded)
			})
			require.ErrorIs(t, err, errStopped)
		})
	})
}

func TestSleep_EndedContext(t *testing.T) {
	for _, tt := range contexts {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := tt.make(t.Context(), time.Second)
				defer cancel()
				require.ErrorIs(t, retry.Sleep(ctx, time.Hour), tt.cause)
				require.Equal(t, retry.Cause(ctx), retry.Sleep(ctx, 0), "even if there is nothing to wait for")
			})
		})
	}
}
