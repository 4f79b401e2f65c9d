package xiexus_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestWait_Schedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(2*time.Minute, video))
		start := time.Now()
		task, err := newClient(t, relay).Wait(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, xiexus.StatusCompleted, task.Status)
		require.Equal(t, video, task.URL)

		require.Equal(t, start, relay.Requests()[0].At, "the first poll is at once")
		polls := polledAt(relay)
		requireBackoff(t, polls)
		require.Greater(t, len(polls), 10)
		require.Less(t, polls[len(polls)-1], 2*time.Minute+17*time.Second)
	})
}

func TestWait_WithInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		polls := pollsOf(t, xiexustest.Completes(time.Minute, video, xiexustest.Stored), xiexus.WithInterval(time.Second, 3*time.Second))
		require.Greater(t, len(polls), 20)
		for i := 1; i < len(polls); i++ {
			require.GreaterOrEqual(t, polls[i]-polls[i-1], time.Second)
			require.LessOrEqual(t, polls[i]-polls[i-1], 3300*time.Millisecond)
		}
	})
}

func TestWait_RetryAfter(t *testing.T) {
	tests := []struct {
		name  string
		fault xiexustest.Fault
		delay time.Duration
	}{
		{"with a task", xiexustest.Fault{RetryAfter: "40"}, 40 * time.Second},
		{"shorter than our own delay", xiexustest.Fault{RetryAfter: "1"}, time.Second},
		{"below the floor", xiexustest.Fault{RetryAfter: "0.01"}, time.Second},
		{"with a 429", xiexustest.Fault{Status: 429, Empty: true, RetryAfter: "33"}, 33 * time.Second},
		{"with a 503", xiexustest.Fault{Status: 503, RetryAfter: "20"}, 20 * time.Second},
		{"absurd", xiexustest.Fault{Status: 429, RetryAfter: "99999999999999999999"}, 2 * time.Minute},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", xiexustest.Completes(3*time.Minute, video))
				relay.Fail("task", test.fault, test.fault)
				_, err := newClient(t, relay).Wait(t.Context(), "task")
				require.NoError(t, err)
				polls := polledAt(relay)
				require.Equal(t, []time.Duration{test.delay, 2 * test.delay}, polls[1:3], "it is read each time")
			})
		})
	}
}

func TestWait_OutlivesTransientErrors(t *testing.T) {
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
			relay.Fail("task", xiexustest.Fault{Cut: true})
		}
		task, err := newClient(t, relay).Wait(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, xiexus.StatusCompleted, task.Status)
	})
}

func TestWait_FailedTask(t *testing.T) {
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
				if dialect != xiexustest.Realtime { // which reports no reason
					require.Equal(t, "unsafe prompt", failed.Message)
				}
			})
		})
	}
}

func TestWait_WithProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(time.Minute, video, xiexustest.Stored))
		relay.Fail("task", xiexustest.Fault{}, xiexustest.Fault{Cut: true})
		var seen []int
		_, err := newClient(t, relay).Wait(t.Context(), "task", xiexus.WithProgress(func(task *xiexus.Task) {
			seen = append(seen, *task.Progress)
		}))
		require.NoError(t, err)
		require.Len(t, seen, len(relay.Requests())-1, "once for each response with a task")
		require.IsNonDecreasing(t, seen)
		require.Positive(t, seen[len(seen)-2])
		require.Less(t, seen[len(seen)-2], 100)
		require.Equal(t, 100, seen[len(seen)-1])
	})
}

func TestWait_InvalidArguments(t *testing.T) {
	relay := newRelay(t)
	client := newClient(t, relay)
	tests := []struct {
		name   string
		option xiexus.WaitOption
		says   string
	}{
		{"negative deadline", xiexus.WithMaxWait(-1), "WithMaxWait: value must not be negative, got -1ns"},
		{"interval below the floor", xiexus.WithInterval(time.Millisecond, 0), "WithInterval: delay must be at least 1s, got 1ms"},
		{"longest interval below the floor", xiexus.WithInterval(0, time.Millisecond), "WithInterval: delay must be at least 1s, got 1ms"},
		{"negative interval", xiexus.WithInterval(-time.Second, 0), "WithInterval: delay must be at least 1s, got -1s"},
		{"longest interval below the first", xiexus.WithInterval(3*time.Second, 2*time.Second), "WithInterval: maximum delay 2s is shorter than the first delay 3s"},
		{"no concurrency", xiexus.WithConcurrency(0), "WithConcurrency: n must be between 1 and 10000, got 0"},
		{"negative concurrency", xiexus.WithConcurrency(-1), "WithConcurrency: n must be between 1 and 10000, got -1"},
		{"absurd concurrency", xiexus.WithConcurrency(math.MaxInt), "WithConcurrency: n must be between 1 and 10000, got "},
		{"no progress function", xiexus.WithProgress(nil), "WithProgress: the argument must not be nil"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			task, err := client.Wait(t.Context(), "task", test.option)
			require.Nil(t, task)
			require.ErrorContains(t, err, test.says)
			for outcome := range client.WaitAll(t.Context(), numbered(2), test.option) {
				require.Equal(t, xiexus.Outcome{Err: err}, outcome)
			}
		})
	}
	task, err := client.Wait(t.Context(), "a/b", nil, xiexus.WithMaxWait(time.Second))
	require.Nil(t, task)
	require.ErrorIs(t, err, xiexus.ErrInvalidTaskID)
	require.NotErrorAs(t, err, new(*xiexus.WaitError), "no wait has begun")
	require.Empty(t, relay.Requests())
}
