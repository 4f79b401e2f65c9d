package xiexus_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestWait_Deadline(t *testing.T) {
	const anyTime = 0
	tests := []struct {
		name    string
		maxWait time.Duration
		fault   xiexustest.Fault
		polls   []time.Duration
		elapsed time.Duration
	}{
		{"between two polls", 4 * time.Second, xiexustest.Fault{},
			[]time.Duration{0, anyTime, 4 * time.Second}, 4 * time.Second},
		{"just after a poll", 2400 * time.Millisecond, xiexustest.Fault{RetryAfter: "2"},
			[]time.Duration{0, 2400 * time.Millisecond}, 2400 * time.Millisecond},
		{"too close for another poll", 500 * time.Millisecond, xiexustest.Fault{},
			[]time.Duration{0}, 500 * time.Millisecond},
		{"before a Retry-After", 10 * time.Second, xiexustest.Fault{Status: 429, RetryAfter: "60"},
			[]time.Duration{0}, 10 * time.Second},
		{"at a Retry-After", 10 * time.Second, xiexustest.Fault{Status: 429, RetryAfter: "10"},
			[]time.Duration{0, 10 * time.Second}, 10 * time.Second},
		{"while the relay holds a response back", 10 * time.Second, xiexustest.Fault{Delay: time.Hour},
			[]time.Duration{0}, 11 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", endless)
				relay.Fail("task", test.fault)
				start := time.Now()
				_, err := newClient(t, relay).Wait(t.Context(), "task", xiexus.WithMaxWait(test.maxWait))
				require.ErrorIs(t, err, xiexus.ErrWaitTimeout)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, test.elapsed, time.Since(start))
				var waitErr *xiexus.WaitError
				require.ErrorAs(t, err, &waitErr)
				require.Equal(t, test.elapsed, waitErr.Elapsed)
				require.ErrorContains(t, err, "ended after "+test.elapsed.String())

				polls := polledAt(relay)
				require.Len(t, polls, len(test.polls))
				for i, want := range test.polls {
					if want != anyTime {
						require.Equal(t, want, polls[i])
					}
				}
			})
		})
	}
}

func TestWait_TaskThatCompletesAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(4*time.Second, video))
		task, err := newClient(t, relay).Wait(t.Context(), "task",
			xiexus.WithMaxWait(4*time.Second), xiexus.WithInterval(3*time.Second, time.Minute))
		require.NoError(t, err)
		require.Equal(t, video, task.URL)
	})
}

func TestWait_WithoutDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(5*time.Hour, video))
		_, err := newClient(t, relay).Wait(t.Context(), "task", xiexus.WithMaxWait(0))
		require.NoError(t, err)
	})
}

func TestWait_ContextEnds(t *testing.T) {
	left := errors.New("the user has left")
	tests := []struct {
		name  string
		fault xiexustest.Fault
		after time.Duration
	}{
		{"before the first poll", xiexustest.Fault{}, 0},
		{"during a poll", xiexustest.Fault{Delay: 20 * time.Second}, 10 * time.Second},
		{"between polls", xiexustest.Fault{RetryAfter: "60"}, 10 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", endless)
				relay.Fail("task", test.fault)
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if test.after == 0 {
					cancel(left)
				}
				stopper := time.AfterFunc(test.after, func() { cancel(left) })
				defer stopper.Stop()

				start := time.Now()
				_, err := newClient(t, relay).Wait(ctx, "task")
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, left)
				require.NotErrorIs(t, err, xiexus.ErrWaitTimeout)
				var waitErr *xiexus.WaitError
				require.ErrorAs(t, err, &waitErr)
				require.Equal(t, "task", waitErr.TaskID)
				require.Equal(t, test.after, waitErr.Elapsed)
				require.Equal(t, test.after, time.Since(start))
			})
		})
	}
}

func TestWait_TimeoutNamesTheLastError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		_, err := client.Wait(t.Context(), "task", xiexus.WithMaxWait(5*time.Second))
		require.ErrorIs(t, err, xiexus.ErrWaitTimeout)
		require.ErrorContains(t, err, "502")
		require.NotErrorIs(t, err, xiexus.ErrUnavailable, "the deadline ended the wait, not the 502")
	})
}

func TestWait_RateLimitDoesNotMoveTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		client := newClient(t, relay, xiexus.WithRateLimit(0.1, 1))
		const tasks = 9
		type end struct {
			after time.Duration
			err   error
		}
		ends := make(chan end, tasks)
		start := time.Now()
		for i := range tasks {
			id := string(rune('a' + i))
			relay.Add(id, endless)
			go func() {
				_, err := client.Wait(t.Context(), id, xiexus.WithMaxWait(time.Minute))
				ends <- end{time.Since(start), err}
			}()
		}
		for range tasks {
			end := <-ends
			require.ErrorIs(t, end.err, xiexus.ErrWaitTimeout)
			require.InDelta(t, time.Minute, end.after, float64(time.Second))
		}
	})
}
