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
	"github.com/xiexus/xiexus-go/internal/fakerelay"
)

const video = "https://cdn.example.com/v.mp4"

// endless is a task that works for ever.
var endless = fakerelay.Script{Steps: []fakerelay.Step{{Status: xiexus.StatusInProgress, Progress: 50}}}

// askedAt returns when the relay was asked, counted from the first question.
func askedAt(relay *fakerelay.Relay) []time.Duration {
	var at []time.Duration
	requests := relay.Requests()
	for _, request := range requests {
		at = append(at, request.At.Sub(requests[0].At))
	}
	return at
}

func TestWaitSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", fakerelay.Completes(2*time.Minute, video))
		start := time.Now()
		task, err := newClient(t, relay).Wait(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, xiexus.StatusCompleted, task.Status)
		require.Equal(t, video, task.URL)

		require.Equal(t, start, relay.Requests()[0].At, "the first question at once")
		asked := askedAt(relay)
		want := 2 * time.Second
		for i := 1; i < len(asked); i++ {
			require.InEpsilon(t, want, asked[i]-asked[i-1], 0.1001)
			want = min(want*3/2, 15*time.Second)
		}
		require.Less(t, asked[len(asked)-1], 2*time.Minute+17*time.Second)
	})
}

func TestWaitInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", fakerelay.Completes(time.Minute, video))
		_, err := newClient(t, relay).Wait(t.Context(), "task", xiexus.WithInterval(time.Millisecond, time.Millisecond))
		require.NoError(t, err)
		asked := askedAt(relay)
		for i := 1; i < len(asked); i++ {
			require.GreaterOrEqual(t, asked[i]-asked[i-1], time.Second, "never below a second")
		}
	})
}

func TestWaitObeysRetryAfter(t *testing.T) {
	tests := []struct {
		name  string
		fault fakerelay.Fault
		delay time.Duration
	}{
		{"on a task", fakerelay.Fault{RetryAfter: "40"}, 40 * time.Second},
		{"sooner than our own", fakerelay.Fault{RetryAfter: "1"}, time.Second},
		{"less than the floor", fakerelay.Fault{RetryAfter: "0.01"}, time.Second},
		{"on a 429", fakerelay.Fault{Status: 429, Empty: true, RetryAfter: "33"}, 33 * time.Second},
		{"on a 503", fakerelay.Fault{Status: 503, RetryAfter: "20"}, 20 * time.Second},
		{"absurd", fakerelay.Fault{Status: 429, RetryAfter: "99999999999999999999"}, 2 * time.Minute},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", fakerelay.Completes(time.Second, video))
				relay.Fail("task", test.fault, test.fault)
				_, err := newClient(t, relay).Wait(t.Context(), "task")
				require.NoError(t, err)
				asked := askedAt(relay)
				require.Equal(t, test.delay, asked[1])
				if len(asked) > 2 { // the task was not done yet: the header is read each time
					require.Equal(t, 2*test.delay, asked[2])
				}
			})
		})
	}
}

func TestWaitAsksPastWhatPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", fakerelay.Script{
			Dialects: []fakerelay.Dialect{fakerelay.Stored, fakerelay.Realtime},
			Steps: []fakerelay.Step{
				{Status: "UNKNOWN"}, {After: time.Minute, Status: ""},
				{After: 10 * time.Minute, Status: xiexus.StatusCompleted, URL: video},
			},
		})
		relay.Fail("task", fakerelay.Transients()...)
		for range 20 {
			relay.Fail("task", fakerelay.Fault{Reset: true})
		}
		task, err := newClient(t, relay).Wait(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, xiexus.StatusCompleted, task.Status)
	})
}

func TestWaitEndsAtADefiniteNo(t *testing.T) {
	tests := []struct {
		name  string
		fault fakerelay.Fault
		is    error
	}{
		{"400", fakerelay.Fault{Status: 400}, nil},
		{"401", fakerelay.Fault{Status: 401}, xiexus.ErrUnauthorized},
		{"403", fakerelay.Fault{Status: 403, HTML: true}, xiexus.ErrForbidden},
		{"404", fakerelay.Fault{Status: 404, Empty: true}, xiexus.ErrTaskNotFound},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", endless)
				relay.Fail("task", fakerelay.Fault{}, test.fault)

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

func TestWaitForATaskThatFails(t *testing.T) {
	for _, dialect := range fakerelay.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", fakerelay.Fails(30*time.Second, "unsafe prompt", dialect))
				task, err := newClient(t, relay).Wait(t.Context(), "task")
				require.Equal(t, xiexus.StatusFailed, task.Status)
				var failed *xiexus.TaskFailedError
				require.ErrorAs(t, err, &failed)
				require.Same(t, task, failed.Task)
				if dialect != fakerelay.Realtime { // which tells no reason
					require.Equal(t, "unsafe prompt", failed.Message)
				}
			})
		})
	}
}

func TestWaitDeadline(t *testing.T) {
	tests := []struct {
		name    string
		maxWait time.Duration
		fault   fakerelay.Fault
		asked   []time.Duration // exact ones; 0 stands for any
		elapsed time.Duration
	}{
		{"between two questions", 4 * time.Second, fakerelay.Fault{}, []time.Duration{0, 0, 4 * time.Second}, 4 * time.Second},
		{"after a Retry-After", 10 * time.Second, fakerelay.Fault{Status: 429, RetryAfter: "60"},
			[]time.Duration{0}, 10 * time.Second}, // it comes first
		{"too close for one more question", 500 * time.Millisecond, fakerelay.Fault{}, []time.Duration{0}, 500 * time.Millisecond},
		{"while the relay holds the answer back", 10 * time.Second, fakerelay.Fault{Delay: time.Hour},
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
		relay.Add("task", fakerelay.Completes(4*time.Second, video))
		task, err := newClient(t, relay).Wait(t.Context(), "task",
			xiexus.WithMaxWait(4*time.Second), xiexus.WithInterval(3*time.Second, time.Minute))
		require.NoError(t, err)
		require.Equal(t, video, task.URL)
	})
}

func TestWaitWithoutADeadlineOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", fakerelay.Completes(5*time.Hour, video))
		_, err := newClient(t, relay).Wait(t.Context(), "task", xiexus.WithMaxWait(0))
		require.NoError(t, err)
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	stop := errors.New("the user has left")
	tests := []struct {
		name  string
		fault fakerelay.Fault
		after time.Duration
	}{
		{"before it begins", fakerelay.Fault{}, 0},
		{"while a question is under way", fakerelay.Fault{Delay: 20 * time.Second}, 10 * time.Second},
		{"between questions", fakerelay.Fault{RetryAfter: "60"}, 10 * time.Second},
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

func TestWaitReportsProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", fakerelay.Completes(time.Minute, video, fakerelay.Stored))
		relay.Fail("task", fakerelay.Fault{}, fakerelay.Fault{Reset: true})
		var seen []int
		_, err := newClient(t, relay).Wait(t.Context(), "task", xiexus.WithProgress(func(task *xiexus.Task) {
			seen = append(seen, *task.Progress)
		}))
		require.NoError(t, err)
		require.Len(t, seen, len(relay.Requests())-1, "once for each answer with a task")
		require.IsIncreasing(t, append([]int{-1}, seen[0], seen[len(seen)-1]))
		require.Equal(t, 100, seen[len(seen)-1])
	})
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
