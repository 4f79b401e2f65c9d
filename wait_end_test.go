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

func TestWaitEndsAtADefiniteNo(t *testing.T) {
	tests := []struct {
		name  string
		fault xiexustest.Fault
		is    error
	}{
		{"400", xiexustest.Fault{Status: 400}, nil},
		{"401", xiexustest.Fault{Status: 401}, xiexus.ErrUnauthorized},
		{"403", xiexustest.Fault{Status: 403, HTML: true}, xiexus.ErrForbidden},
		{"404", xiexustest.Fault{Status: 404, Empty: true}, xiexus.ErrTaskNotFound},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", endless)
				relay.Fail("task", xiexustest.Fault{}, test.fault)

				task, err := newClient(t, relay).Wait(t.Context(), "task")
				require.Equal(t, xiexus.StatusInProgress, task.Status, "the task as last seen comes with the error")
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
				var answer *xiexus.APIError
				require.ErrorAs(t, err, &answer)
				require.Equal(t, test.fault.Status, answer.StatusCode)
				var wait *xiexus.WaitError
				require.ErrorAs(t, err, &wait)
				require.Equal(t, "task", wait.TaskID)
				require.Same(t, task, wait.Task)
				require.Len(t, relay.Requests(), 2)
			})
		})
	}
}

func TestWaitForATypoEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		task, err := newClient(t, relay).Wait(t.Context(), "tusk")
		require.Nil(t, task)
		require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
		require.ErrorContains(t, err, `"tusk"`)
		require.Len(t, relay.Requests(), 1)
	})
}

func TestWaitDeadline(t *testing.T) {
	tests := []struct {
		name    string
		maxWait time.Duration
		fault   xiexustest.Fault
		asked   []time.Duration // exact ones; 0 stands for any
		elapsed time.Duration
	}{
		{"between two questions", 4 * time.Second, xiexustest.Fault{}, []time.Duration{0, 0, 4 * time.Second}, 4 * time.Second},
		{"after a Retry-After", 10 * time.Second, xiexustest.Fault{Status: 429, RetryAfter: "60"},
			[]time.Duration{0}, 10 * time.Second}, // it comes first
		{"too close for one more question", 500 * time.Millisecond, xiexustest.Fault{}, []time.Duration{0}, 500 * time.Millisecond},
		{"while the relay holds the answer back", 10 * time.Second, xiexustest.Fault{Delay: time.Hour},
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
				asked := askedAt(relay)
				require.Len(t, asked, len(test.asked))
				for i, exact := range test.asked {
					if exact != 0 {
						require.Equal(t, exact, asked[i])
					}
				}
			})
		})
	}
}

func TestWaitTakesTheAnswerAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(4*time.Second, video))
		task, err := newClient(t, relay).Wait(t.Context(), "task",
			xiexus.WithMaxWait(4*time.Second), xiexus.WithInterval(3*time.Second, time.Minute))
		require.NoError(t, err)
		require.Equal(t, video, task.URL)
	})
}

func TestWaitWithoutADeadlineOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(5*time.Hour, video))
		_, err := newClient(t, relay).Wait(t.Context(), "task", xiexus.WithMaxWait(0))
		require.NoError(t, err)
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	stop := errors.New("the user has left")
	tests := []struct {
		name  string
		fault xiexustest.Fault
		after time.Duration
	}{
		{"before it begins", xiexustest.Fault{}, 0},
		{"while a question is under way", xiexustest.Fault{Delay: 20 * time.Second}, 10 * time.Second},
		{"between questions", xiexustest.Fault{RetryAfter: "60"}, 10 * time.Second},
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
					cancel(stop)
				}
				stopper := time.AfterFunc(test.after, func() { cancel(stop) })
				defer stopper.Stop()

				start := time.Now()
				_, err := newClient(t, relay).Wait(ctx, "task")
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, stop)
				require.NotErrorIs(t, err, xiexus.ErrWaitTimeout)
				var wait *xiexus.WaitError
				require.ErrorAs(t, err, &wait)
				require.Equal(t, "task", wait.TaskID)
				require.Equal(t, test.after, time.Since(start))
			})
		})
	}
}

func TestWaitErrorNamesTheLastError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		_, err := client.Wait(t.Context(), "task", xiexus.WithMaxWait(5*time.Second))
		require.ErrorIs(t, err, xiexus.ErrWaitTimeout)
		require.ErrorContains(t, err, "502")
		require.NotErrorIs(t, err, xiexus.ErrUnavailable, "the deadline ended it, not the 502")
	})
}

func TestARateLimitEndsNoWaitEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		client := newClient(t, relay, xiexus.WithRateLimit(0.1, 1))
		const tasks = 9
		ended := make(chan time.Duration, tasks)
		start := time.Now()
		for i := range tasks {
			id := string(rune('a' + i))
			relay.Add(id, endless)
			go func() {
				_, err := client.Wait(t.Context(), id, xiexus.WithMaxWait(time.Minute))
				require.ErrorIs(t, err, xiexus.ErrWaitTimeout)
				ended <- time.Since(start)
			}()
		}
		for range tasks {
			require.InDelta(t, time.Minute, <-ended, float64(time.Second))
		}
	})
}

func TestATaskThatWasJustSubmittedMayAppear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		client := newClient(t, relay)
		storing := time.AfterFunc(4*time.Second, func() { relay.Add("late", xiexustest.Completes(time.Second, video)) })
		defer storing.Stop()
		task, err := client.Wait(t.Context(), "late", xiexus.WithJustSubmitted())
		require.NoError(t, err)
		require.Equal(t, video, task.URL)

		start := time.Now()
		_, err = client.Wait(t.Context(), "never", xiexus.WithJustSubmitted())
		require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
		require.InDelta(t, 13*time.Second, time.Since(start), float64(4*time.Second))

		cursor := xiexus.NewCursor("never")
		cursor.SubmittedAt = time.Now()
		_, cursor, err = client.Poll(t.Context(), revived(t, cursor))
		require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
		require.False(t, cursor.Done)
		time.Sleep(10 * time.Second)
		_, cursor, err = client.Poll(t.Context(), revived(t, cursor))
		require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
		require.True(t, cursor.Done)
	})
}
