package xiexus_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

const video = "https://cdn.example.com/v.mp4"

// endless is a task that works for ever.
var endless = xiexustest.Script{Steps: []xiexustest.Step{{Status: xiexus.StatusInProgress, Progress: 50}}}

// askedAt returns when the relay was asked, counted from the first question.
func askedAt(relay *xiexustest.Relay) []time.Duration {
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
		relay.Add("task", xiexustest.Completes(2*time.Minute, video))
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
		relay.Add("task", xiexustest.Completes(time.Minute, video))
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
		fault xiexustest.Fault
		delay time.Duration
	}{
		{"on a task", xiexustest.Fault{RetryAfter: "40"}, 40 * time.Second},
		{"sooner than our own", xiexustest.Fault{RetryAfter: "1"}, time.Second},
		{"less than the floor", xiexustest.Fault{RetryAfter: "0.01"}, time.Second},
		{"on a 429", xiexustest.Fault{Status: 429, Empty: true, RetryAfter: "33"}, 33 * time.Second},
		{"on a 503", xiexustest.Fault{Status: 503, RetryAfter: "20"}, 20 * time.Second},
		{"absurd", xiexustest.Fault{Status: 429, RetryAfter: "99999999999999999999"}, 2 * time.Minute},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", xiexustest.Completes(time.Second, video))
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
		relay.Add("task", xiexustest.Script{
			Dialects: []xiexustest.Dialect{xiexustest.Stored, xiexustest.Realtime},
			Steps: []xiexustest.Step{
				{Status: "UNKNOWN"}, {At: time.Minute, Status: ""},
				{At: 10 * time.Minute, Status: xiexus.StatusCompleted, URL: video},
			},
		})
		relay.Fail("task", xiexustest.TransientFaults()...)
		for range 20 {
			relay.Fail("task", xiexustest.Fault{Reset: true})
		}
		task, err := newClient(t, relay).Wait(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, xiexus.StatusCompleted, task.Status)
	})
}

func TestWaitForATaskThatFails(t *testing.T) {
	for _, dialect := range xiexustest.AllDialects() {
		t.Run(string(dialect), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", xiexustest.Fails(30*time.Second, "unsafe prompt", dialect))
				task, err := newClient(t, relay).Wait(t.Context(), "task")
				require.Equal(t, xiexus.StatusFailed, task.Status)
				var failed *xiexus.TaskFailedError
				require.ErrorAs(t, err, &failed)
				require.Same(t, task, failed.Task)
				if dialect != xiexustest.Realtime { // which tells no reason
					require.Equal(t, "unsafe prompt", failed.Message)
				}
			})
		})
	}
}

func TestWaitReportsProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(time.Minute, video, xiexustest.Stored))
		relay.Fail("task", xiexustest.Fault{}, xiexustest.Fault{Reset: true})
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
