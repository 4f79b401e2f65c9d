package xiexus_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// The raw data of upstreams may be megabytes for each task.
func TestWaitAll_BatchTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := xiexustest.Completes(0, video)
		script.DataSize = 100_000
		relay := relayWith(t, 100, script)
		client := newClient(t, relay, xiexus.WithMaxResponseSize(1<<20))
		for id, outcome := range collect(t, client.WaitAll(t.Context(), numbered(100))) {
			require.NoError(t, outcome.Err, id)
		}
		sizes, single := batches(relay)
		require.Equal(t, 100, sizes[0])
		require.LessOrEqual(t, slices.Max(sizes[1:]), 16, "as many as outcomes may be held")
		require.LessOrEqual(t, len(sizes), 1+100/6)
		require.Zero(t, single)
	})
}

// A caller that is busy has no more of them in memory than the concurrency.
func TestWaitAll_HoldsFewLargeOutcomes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := xiexustest.Completes(0, video)
		script.DataSize = 100_000
		relay := relayWith(t, 200, script)
		client := newClient(t, relay, xiexus.WithMaxResponseSize(1<<20))
		n := 0
		for outcome := range client.WaitAll(t.Context(), numbered(200), xiexus.WithConcurrency(4)) {
			require.NoError(t, outcome.Err)
			time.Sleep(time.Minute)
			n++
			read := 0
			for _, request := range relay.Requests() {
				if len(request.TaskIDs) < 10 { // the others were too large
					read += len(request.TaskIDs)
				}
			}
			require.LessOrEqual(t, read, n+4)
		}
		require.Equal(t, 200, n)
	})
}

func TestWaitAll_OneTaskTooLargeForABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 4, xiexustest.Completes(0, video))
		script := xiexustest.Completes(0, video)
		script.DataSize = 2 << 20
		relay.Add("task_2", script) // its documented form is small
		client := newClient(t, relay, xiexus.WithMaxResponseSize(1<<20))
		for id, outcome := range collect(t, client.WaitAll(t.Context(), numbered(4))) {
			require.NoError(t, outcome.Err, id)
		}
	})
}

// The deadline of one wait does not end the others of its batch.
func TestWaitAll_DeadlinesWithinABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 4, endless)
		relay.FailBatches(xiexustest.Fault{}, xiexustest.Fault{Delay: time.Hour}, xiexustest.Fault{Delay: time.Hour}, xiexustest.Fault{Delay: time.Hour})
		ids := func(yield func(string) bool) {
			for id := range numbered(4) {
				if !yield(id) {
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
		}
		for outcome := range newClient(t, relay).WaitAll(t.Context(), ids, xiexus.WithMaxWait(40*time.Second)) {
			require.ErrorIs(t, outcome.Err, xiexus.ErrWaitTimeout)
			var waitErr *xiexus.WaitError
			require.ErrorAs(t, outcome.Err, &waitErr)
			require.LessOrEqual(t, waitErr.Elapsed, 43*time.Second)
			require.NotNil(t, outcome.Task)
		}
	})
}

// A batch decides about no task, whatever it responds.
func TestWaitAll_TruncatedErrorOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 3, xiexustest.Completes(0, video))
		relay.FailBatches(xiexustest.Fault{Status: http.StatusBadRequest, Cut: true}, xiexustest.Fault{Status: http.StatusBadRequest})
		for id, outcome := range collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(3))) {
			require.NoError(t, outcome.Err, id)
		}
	})
}
