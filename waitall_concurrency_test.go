package xiexus_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestWaitAll_WithConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			writeTask(w, req, "completed")
		})
		before := runtime.NumGoroutine()
		goroutines := 0
		start := time.Now()
		for range client.WaitAll(t.Context(), numbered(100), xiexus.WithConcurrency(5), xiexus.WithBatchSize(1)) {
			goroutines = max(goroutines, runtime.NumGoroutine()-before)
		}
		require.Equal(t, int64(5), most.Load())
		require.LessOrEqual(t, goroutines, 5+8)
		require.Equal(t, 20*time.Second, time.Since(start))
	})
}

func TestWaitAll_IsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		polls := map[string]int{}
		client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
			polls[req.URL.Path]++ // one request at a time
			time.Sleep(time.Second)
			writeTask(w, req, "in_progress")
		})
		for outcome := range client.WaitAll(t.Context(), numbered(50), xiexus.WithConcurrency(1), xiexus.WithBatchSize(1), xiexus.WithMaxWait(10*time.Minute)) {
			require.ErrorIs(t, outcome.Err, xiexus.ErrWaitTimeout)
		}
		require.Len(t, polls, 50)
		for id, n := range polls {
			require.InDelta(t, 12, n, 2, id)
		}
	})
}

// A task that is added later is polled before those that are due later than now.
func TestWaitAll_PollsANewTaskWithoutDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		var added time.Duration
		start := time.Now()
		ids := func(yield func(string) bool) {
			for i := range 20 {
				relay.Add(fmt.Sprint("task_", i), endless)
				if !yield(fmt.Sprint("task_", i)) {
					return
				}
			}
			time.Sleep(45 * time.Second) // all of them are between two polls
			relay.Add("new", endless)
			added = time.Since(start)
			yield("new")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		collect(t, newClient(t, relay).WaitAll(ctx, ids, xiexus.WithConcurrency(1), xiexus.WithBatchSize(1)))
		for _, request := range relay.Requests() {
			if strings.HasSuffix(request.Path, "/new") {
				require.Equal(t, added, request.At.Sub(start))
				return
			}
		}
		require.Fail(t, "the new task was not polled")
	})
}

func TestWaitAll_RetryAfterOfA429DelaysAllTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		for i := range 10 {
			relay.Add(fmt.Sprint("task_", i), xiexustest.Completes(time.Minute, video))
		}
		relay.Fail("task_3", xiexustest.Fault{}, xiexustest.Fault{Status: 429, RetryAfter: "30"})
		collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(10), xiexus.WithConcurrency(1), xiexus.WithBatchSize(1)))

		var pause time.Duration
		polls := polledAt(relay)
		for i := 1; i < len(polls); i++ {
			if gap := polls[i] - polls[i-1]; gap > 29*time.Second {
				pause = gap
			}
		}
		require.Equal(t, 30*time.Second, pause)
	})
}

func TestWaitAll_LongestRetryAfterOfConcurrent429sCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		for i := range 10 {
			relay.Add(fmt.Sprint("task_", i), xiexustest.Completes(0, video))
		}
		for i, retryAfter := range []string{"10", "60", "30"} {
			relay.Fail(fmt.Sprint("task_", i), xiexustest.Fault{Delay: time.Second, Status: 429, RetryAfter: retryAfter})
		}
		collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(10), xiexus.WithConcurrency(3), xiexus.WithBatchSize(1)))

		polls := polledAt(relay)
		require.Len(t, polls, 13)
		require.Equal(t, polls[0], polls[2])
		for _, poll := range polls[3:] {
			require.Equal(t, 61*time.Second, poll-polls[0])
		}
	})
}

func TestWaitAll_ContinuesWhileTheLoopBodyRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		for i := range 10 {
			relay.Add(fmt.Sprint("task_", i), xiexustest.Completes(time.Duration(i)*time.Minute, video))
		}
		start := time.Now()
		var ends []time.Duration
		for outcome := range newClient(t, relay).WaitAll(t.Context(), numbered(10)) {
			require.NoError(t, outcome.Err)
			ends = append(ends, time.Since(start))
			time.Sleep(30 * time.Minute) // a download, say
		}
		require.Equal(t, 9*30*time.Minute, ends[9]-ends[0])
		for _, poll := range polledAt(relay) {
			require.Less(t, poll, 10*time.Minute)
		}
	})
}

func TestWaitAll_HoldsNoMoreOutcomesThanTheConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		for i := range 100 {
			relay.Add(fmt.Sprint("task_", i), xiexustest.Completes(0, video))
		}
		n := 0
		for outcome := range newClient(t, relay).WaitAll(t.Context(), numbered(100), xiexus.WithConcurrency(4), xiexus.WithBatchSize(1)) {
			require.NoError(t, outcome.Err)
			time.Sleep(time.Second)
			n++
			require.LessOrEqual(t, len(relay.Requests()), n+4)
		}
		require.Equal(t, 100, n)
	})
}
