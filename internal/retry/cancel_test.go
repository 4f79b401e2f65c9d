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

var errEnough = errors.New("enough")

// contexts end after d in each of the ways there are.
var contexts = []struct {
	name  string
	cause error
	make  func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
}{
	{"cancelled", context.Canceled, func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(d, cancel)
		return ctx, cancel
	}},
	{"cancelled with a cause", errEnough, func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancelCause(ctx)
		time.AfterFunc(d, func() { cancel(errEnough) })
		return ctx, func() { cancel(nil) }
	}},
	{"deadline", context.DeadlineExceeded, context.WithTimeout},
	{"deadline with a cause", errEnough, func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
		return context.WithTimeoutCause(ctx, d, errEnough)
	}},
}

func TestContextEndsDuringADelay(t *testing.T) {
	for _, tt := range contexts {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := tt.make(t.Context(), 10*time.Second)
				defer cancel()
				began := time.Now()
				last := asking("third", time.Minute)
				var r record
				result, err := r.after(ctx, 5, transient("first"), transient("second"), last)

				require.Equal(t, 10*time.Second, time.Since(began), "at once")
				require.ErrorIs(t, err, tt.cause)
				require.ErrorIs(t, err, ctx.Err())
				require.ErrorIs(t, err, last)
				require.Contains(t, err.Error(), tt.cause.Error())
				require.Contains(t, err.Error(), "third")
				require.NotContains(t, err.Error(), "second")
				require.Equal(t, "failed 2", result)
				require.Len(t, r.slept, 2)
				require.Equal(t, "notify third", r.events[len(r.events)-1])
			})
		})
	}
}

func TestContextHasEndedBefore(t *testing.T) {
	for _, tt := range contexts {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := tt.make(t.Context(), time.Second)
				defer cancel()
				time.Sleep(2 * time.Second)
				began := time.Now()
				first := transient("first")
				var r record
				_, err := r.after(ctx, 5, first)

				require.Zero(t, time.Since(began))
				require.ErrorIs(t, err, tt.cause)
				require.ErrorIs(t, err, first)
				require.Equal(t, []string{"judge first"}, r.events)
			})
		})
	}
}

// op is under way when the context ends, and says so itself.
func TestContextEndsDuringOp(t *testing.T) {
	for _, again := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			judge := func(error) retry.Verdict { return retry.Verdict{Again: again || ctx.Err() == nil} }
			calls := 0
			ended := fmt.Errorf("send: %w", context.Canceled)
			_, err := retry.After(ctx, transient("first"), retry.Policy{MaxRetries: 5, Judge: judge}, func() (int, error) {
				calls++
				cancel()
				return 0, ended
			})
			require.Equal(t, 1, calls)
			require.True(t, err == ended, "it says so already: %v", err)
		})
	}
}

// The answer came, whatever became of the context meanwhile.
func TestContextEndsDuringOpThatSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		policy := retry.Policy{MaxRetries: 1, Judge: func(error) retry.Verdict { return retry.Verdict{Again: true} }}
		result, err := retry.After(ctx, transient("first"), policy, func() (int, error) {
			cancel()
			return 7, nil
		})
		require.NoError(t, err)
		require.Equal(t, 7, result)
	})
}
