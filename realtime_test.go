package xiexus_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// Reading a realtime task makes the relay query its upstream, whose rejection would fail it.
func TestWait_RealtimeTasksAreReadThroughTheBatchRoute(t *testing.T) {
	script := xiexustest.Completes(90*time.Second, video, xiexustest.Realtime)
	script.Ticker = passes
	t.Run("Wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			relay := newRelay(t)
			relay.Add("task", script)
			task, err := newClient(t, relay).Wait(t.Context(), "task")
			require.NoError(t, err)
			require.Equal(t, video, task.URL)
			sizes, single := batches(relay)
			require.Equal(t, 1, single, "the first read")
			require.Greater(t, len(sizes), 4)
		})
	})
	t.Run("without batches", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			relay := newRelay(t)
			relay.Add("task", script)
			_, err := newClient(t, relay).Wait(t.Context(), "task", xiexus.WithBatchSize(1))
			require.NoError(t, err)
			sizes, _ := batches(relay)
			require.Empty(t, sizes)
		})
	})
}

// The relay marks a realtime task as failed, without a reason, when its upstream rejects a
// read. Only a later read through the documented route shows that it has not failed.
func TestWait_RealtimeFailureMayNotBeFinal(t *testing.T) {
	rejected := xiexustest.Fault{UpstreamError: true}
	tests := []struct {
		name   string
		faults []xiexustest.Fault
		failed bool
	}{
		{"once", []xiexustest.Fault{rejected}, false},
		{"three times", []xiexustest.Fault{rejected, rejected, rejected}, false},
		{"each time", []xiexustest.Fault{rejected, rejected, rejected, rejected}, true},
	}
	for _, test := range tests {
		for _, options := range [][]xiexus.WaitOption{nil, {xiexus.WithBatchSize(1)}, {xiexus.WithInterval(time.Second, time.Second)}} {
			t.Run(test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					relay := newRelay(t)
					relay.Add("task", xiexustest.Completes(time.Minute, video, xiexustest.Realtime))
					relay.Fail("task", test.faults...)
					var statuses []string
					options := append(options, xiexus.WithProgress(func(task *xiexus.Task) { statuses = append(statuses, string(task.Status)) }))
					start := time.Now()
					task, err := newClient(t, relay).Wait(t.Context(), "task", options...)
					if test.failed {
						var failed *xiexus.TaskFailedError
						require.ErrorAs(t, err, &failed)
						require.Equal(t, xiexus.StatusFailed, task.Status)
						require.Equal(t, time.Minute, time.Since(start), "three retries in a minute")
						return
					}
					require.NoError(t, err)
					require.Equal(t, video, task.URL)
					require.NotContains(t, statuses, "failed")
				})
			})
		}
	}
	t.Run("with a reason", func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Fails(0, "unsafe", xiexustest.Stored))
		_, err := newClient(t, relay).Wait(t.Context(), "task")
		require.ErrorContains(t, err, "unsafe")
		require.Len(t, relay.Requests(), 1)
	})
}
