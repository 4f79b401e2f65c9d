package xiexus_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// collect takes all outcomes, each task's once.
func collect(t *testing.T, outcomes iter.Seq[xiexus.Outcome]) map[string]xiexus.Outcome {
	all := map[string]xiexus.Outcome{}
	for outcome := range outcomes {
		require.NotContains(t, all, outcome.TaskID)
		all[outcome.TaskID] = outcome
	}
	return all
}

func TestWaitAllYieldsEachTaskOnceAsItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		var ids []string
		for i := range 100 {
			id := fmt.Sprintf("task_%02d", i)
			ids = append(ids, id, id)
			relay.Add(id, xiexustest.Completes(time.Duration(100-i)*time.Second, video, xiexustest.AllDialects()[i%4]))
		}
		relay.Add("bad", xiexustest.Fails(time.Second, "unsafe"))
		relay.Fail("task_07", xiexustest.TransientFaults()...)
		ids = append(ids, "nope", "a/b", "bad", "task_99")

		got := collect(t, newClient(t, relay).WaitAll(t.Context(), slices.Values(ids)))
		require.Len(t, got, 103)
		require.ErrorIs(t, got["nope"].Err, xiexus.ErrTaskNotFound)
		require.ErrorIs(t, got["a/b"].Err, xiexus.ErrInvalidTaskID)
		var failed *xiexus.TaskFailedError
		require.ErrorAs(t, got["bad"].Err, &failed)
		require.Equal(t, "unsafe", failed.Message)
		for i := range 100 {
			outcome := got[fmt.Sprintf("task_%02d", i)]
			require.NoError(t, outcome.Err)
			require.Equal(t, video, outcome.Task.URL)
			require.NotEmpty(t, outcome.Task.Raw)
		}
	})
}

func TestWaitAllBoundsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			_, _ = w.Write([]byte(`{"task_id":"t","status":"completed"}`))
		})
		before := runtime.NumGoroutine()
		goroutines := 0
		start := time.Now()
		for range client.WaitAll(t.Context(), numbered(100), xiexus.WithConcurrency(5)) {
			goroutines = max(goroutines, runtime.NumGoroutine()-before)
		}
		require.Equal(t, int64(5), most.Load())
		require.LessOrEqual(t, goroutines, 5+8)
		require.Equal(t, 20*time.Second, time.Since(start))
	})
}

// numbered is that many ids.
func numbered(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(fmt.Sprint("task_", i)) {
				return
			}
		}
	}
}

func TestWaitAllIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := map[string]int{}
		client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
			asked[req.URL.Path]++ // one request at a time
			time.Sleep(time.Second)
			_, _ = w.Write([]byte(`{"status":"in_progress","task_id":"t"}`))
		})
		for range client.WaitAll(t.Context(), numbered(50), xiexus.WithConcurrency(1), xiexus.WithMaxWait(10*time.Minute)) {
		}
		require.Len(t, asked, 50)
		for id, n := range asked {
			require.InDelta(t, 12, n, 2, id)
		}
	})
}

func TestWaitAllLeavesTheRelayAloneAfterA429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		for i := range 10 {
			relay.Add(fmt.Sprint("task_", i), xiexustest.Completes(time.Minute, video))
		}
		relay.Fail("task_3", xiexustest.Fault{}, xiexustest.Fault{Status: 429, RetryAfter: "30"})
		collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(10), xiexus.WithConcurrency(1)))

		var refused time.Duration
		asked := askedAt(relay)
		for i := 1; i < len(asked); i++ {
			if gap := asked[i] - asked[i-1]; gap > 29*time.Second {
				refused = gap
			}
		}
		require.Equal(t, 30*time.Second, refused, "nobody asks for as long as the relay said")
	})
}

func TestWaitAllGoesOnWhileTheCallerIsBusy(t *testing.T) {
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
			time.Sleep(30 * time.Minute) // downloads it
		}
		require.Equal(t, 9*30*time.Minute, ends[9]-ends[0])
		for _, request := range askedAt(relay) {
			require.Less(t, request, 10*time.Minute)
		}
	})
}

func TestWaitAllTakesSlowAndEndlessSequences(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		var read atomic.Int64 // the sequence runs in a goroutine of its own
		endlessIDs := func(yield func(string) bool) {
			for {
				id := fmt.Sprint("task_", read.Add(1))
				relay.Add(id, xiexustest.Completes(2*time.Second, video))
				if !yield(id) {
					return
				}
				time.Sleep(10 * time.Second)
			}
		}
		start := time.Now()
		ended := 0
		for outcome := range newClient(t, relay).WaitAll(t.Context(), endlessIDs) {
			require.NoError(t, outcome.Err)
			if ended++; ended == 20 {
				break
			}
		}
		require.Less(t, time.Since(start), 200*time.Second)
		time.Sleep(time.Minute)
		require.LessOrEqual(t, read.Load(), int64(22), "after the break no more ids are read")
	})
}

func TestWaitAllEndsWithItsContextAndLosesNoTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		for i := range 30 {
			relay.Add(fmt.Sprint("task_", i), endless)
		}
		relay.Add("task_0", xiexustest.Completes(time.Second, video))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		got := collect(t, newClient(t, relay).WaitAll(ctx, numbered(30)))
		require.Len(t, got, 30)
		require.NoError(t, got["task_0"].Err)
		for i := 1; i < 30; i++ {
			outcome := got[fmt.Sprint("task_", i)]
			require.ErrorIs(t, outcome.Err, context.DeadlineExceeded)
			require.Equal(t, xiexus.StatusInProgress, outcome.Task.Status)
			var wait *xiexus.WaitError
			require.ErrorAs(t, outcome.Err, &wait)
			require.Equal(t, outcome.TaskID, wait.TaskID)
		}
	})
}

func TestWaitAllOfNothing(t *testing.T) {
	require.Empty(t, collect(t, newClient(t, newRelay(t)).WaitAll(t.Context(), numbered(0))))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	collect(t, newClient(t, newRelay(t)).WaitAll(ctx, numbered(5)))
}

func TestWaitAllReportsProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		for i := range 5 {
			relay.Add(fmt.Sprint("task_", i), xiexustest.Completes(20*time.Second, video, xiexustest.Stored))
		}
		reads := map[string]int{} // no lock: one call at a time
		got := collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(5), xiexus.WithProgress(func(task *xiexus.Task) {
			reads[task.TaskID]++
			require.NotEmpty(t, task.Raw)
		})))
		require.Len(t, got, 5)
		total := 0
		for _, n := range reads {
			total += n
		}
		require.Len(t, relay.Requests(), total)
	})
}
