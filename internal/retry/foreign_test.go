package retry_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// A caller's own transport may retry with the same library: only Judge decides here.
func TestErrorsOfTheLibraryHaveNoSay(t *testing.T) {
	for _, foreign := range []error{&backoff.RetryAfterError{Duration: 10 * time.Hour}, backoff.Permanent(errEnough)} {
		synctest.Test(t, func(t *testing.T) {
			policy := retry.Policy{MaxRetries: 3, Judge: func(error) retry.Verdict { return retry.Verdict{Again: true} }}
			began := time.Now()
			result, err := retry.After(t.Context(), fmt.Errorf("send: %w", foreign), policy, func() (int, error) { return 7, nil })
			require.NoError(t, err)
			require.Equal(t, 7, result)
			require.LessOrEqual(t, time.Since(began), time.Second)
		})
	}
}

func TestNegativeMaxRetriesIsNone(t *testing.T) {
	var r record
	_, err := r.after(t.Context(), -1, transient("first"))
	require.EqualError(t, err, "first")
	require.Equal(t, []string{"judge first"}, r.events)
}

// A request's own timeout is not the end of ctx.
func TestLastErrorIsAnotherDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errEnough)
		defer cancel()
		policy := retry.Policy{MaxRetries: 3, Judge: func(error) retry.Verdict { return retry.Verdict{Again: true, After: time.Minute} }}
		_, err := retry.After(ctx, fmt.Errorf("the request: %w", context.DeadlineExceeded), policy, func() (int, error) { return 7, nil })
		require.ErrorIs(t, err, errEnough)
	})
}
