package xiexus_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// collect returns all outcomes by task id, and checks that each is yielded once.
func collect(t *testing.T, outcomes iter.Seq[xiexus.Outcome]) map[string]xiexus.Outcome {
	all := map[string]xiexus.Outcome{}
	for outcome := range outcomes {
		require.NotContains(t, all, outcome.TaskID)
		all[outcome.TaskID] = outcome
	}
	return all
}

// numbered yields n ids.
func numbered(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(fmt.Sprint("task_", i)) {
				return
			}
		}
	}
}

func TestWaitAll_YieldsEachTaskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		dialects := xiexustest.AllDialects()
		var ids []string
		for i := range 100 {
			id := fmt.Sprintf("task_%02d", i)
			ids = append(ids, id, id)
			relay.Add(id, xiexustest.Completes(time.Duration(100-i)*time.Second, video, dialects[i%len(dialects)]))
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

func TestWaitAll_YieldsInTheOrderInWhichTasksEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		for i := range 5 {
			relay.Add(fmt.Sprint("task_", i), xiexustest.Completes(time.Duration(5-i)*time.Minute, video))
		}
		var order []string
		for outcome := range newClient(t, relay).WaitAll(t.Context(), numbered(5)) {
			order = append(order, outcome.TaskID)
		}
		require.Equal(t, []string{"task_4", "task_3", "task_2", "task_1", "task_0"}, order)
	})
}

func TestWaitAll_WithConcurrency(t *testing.T) {
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

func TestWaitAll_IsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		polls := map[string]int{}
		client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
			polls[req.URL.Path]++ // one request at a time
			time.Sleep(time.Second)
			_, _ = w.Write([]byte(`{"status":"in_progress","task_id":"t"}`))
		})
		for outcome := range client.WaitAll(t.Context(), numbered(50), xiexus.WithConcurrency(1), xiexus.WithMaxWait(10*time.Minute)) {
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
		collect(t, newClient(t, relay).WaitAll(ctx, ids, xiexus.WithConcurrency(1)))
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
		collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(10), xiexus.WithConcurrency(1)))

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
		for outcome := range newClient(t, relay).WaitAll(t.Context(), numbered(100), xiexus.WithConcurrency(4)) {
			require.NoError(t, outcome.Err)
			time.Sleep(time.Second)
			n++
			require.LessOrEqual(t, len(relay.Requests()), n+4)
		}
		require.Equal(t, 100, n)
	})
}

func TestWaitAll_SlowAndEndlessSequences(t *testing.T) {
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

func TestWaitAll_ContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		for i := range 30 {
			relay.Add(fmt.Sprint("task_", i), endless)
		}
		relay.Add("task_0", xiexustest.Completes(time.Second, video))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		got := collect(t, newClient(t, relay).WaitAll(ctx, numbered(30), xiexus.WithConcurrency(3)))
		require.Equal(t, time.Minute, time.Since(start))
		require.Len(t, got, 30)
		require.NoError(t, got["task_0"].Err)
		for i := 1; i < 30; i++ {
			outcome := got[fmt.Sprint("task_", i)]
			require.ErrorIs(t, outcome.Err, context.DeadlineExceeded)
			require.Equal(t, xiexus.StatusInProgress, outcome.Task.Status)
			var waitErr *xiexus.WaitError
			require.ErrorAs(t, outcome.Err, &waitErr)
			require.Equal(t, outcome.TaskID, waitErr.TaskID)
		}
	})
}

func TestWaitAll_WithoutIDs(t *testing.T) {
	require.Empty(t, collect(t, newClient(t, newRelay(t)).WaitAll(t.Context(), numbered(0))))
}

func TestWaitAll_ContextThatHasEnded(t *testing.T) {
	relay := newRelay(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for outcome := range newClient(t, relay).WaitAll(ctx, numbered(5)) {
		require.ErrorIs(t, outcome.Err, context.Canceled)
	}
	require.Empty(t, relay.Requests())
}

func TestWaitAll_WithProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		for i := range 5 {
			relay.Add(fmt.Sprint("task_", i), xiexustest.Completes(20*time.Second, video, xiexustest.Stored))
		}
		var seen []*xiexus.Task // no lock: one call at a time
		got := collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(5), xiexus.WithProgress(func(task *xiexus.Task) {
			seen = append(seen, task)
		})))
		require.Len(t, got, 5)
		require.Len(t, relay.Requests(), len(seen))
		for _, task := range seen {
			require.NotEmpty(t, task.Raw, "what the function has kept stays as it was")
			require.NotEmpty(t, task.RelayStatus)
		}
	})
}

func TestWaitAll_ReadsIDsNoFasterThanItPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		var read atomic.Int64
		ids := func(yield func(string) bool) {
			for id := range numbered(5000) {
				relay.Add(id, xiexustest.Completes(0, video))
				read.Add(1)
				if !yield(id) {
					return
				}
			}
		}
		n := int64(0)
		for outcome := range newClient(t, relay).WaitAll(t.Context(), ids) {
			require.NoError(t, outcome.Err)
			n++
			require.LessOrEqual(t, read.Load(), n+1100)
		}
		require.EqualValues(t, 5000, n)
	})
}
