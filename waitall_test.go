package xiexus_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

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
		require.Len(t, seen, 10)
		require.Len(t, relay.Requests(), 2, "each reads all of them")
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
		for outcome := range newClient(t, relay).WaitAll(t.Context(), ids, xiexus.WithBatchSize(1)) {
			require.NoError(t, outcome.Err)
			n++
			require.LessOrEqual(t, read.Load(), n+1100)
		}
		require.EqualValues(t, 5000, n)
	})
}

// A loop that looks at outcomes only has to learn that the sequence was not read to its end.
func TestWaitAll_ContextEndsBeforeTheSequence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		var taken atomic.Int64
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		ids := func(yield func(string) bool) {
			for {
				id := fmt.Sprint("task_", taken.Add(1))
				relay.Add(id, endless)
				if !yield(id) {
					return
				}
				time.Sleep(time.Second)
			}
		}
		got := collect(t, newClient(t, relay).WaitAll(ctx, ids))
		require.ErrorIs(t, got[""].Err, context.DeadlineExceeded)
		require.ErrorContains(t, got[""].Err, "not all task IDs were read")
		require.InDelta(t, taken.Load(), len(got)-1, 1, "one may be on its way when the sequence stops")
		time.Sleep(time.Minute) // the sequence may end
	})
}

func TestWaitAll_PanicsReachTheCaller(t *testing.T) {
	relay := newRelay(t)
	relay.Add("task", xiexustest.Completes(0, video))
	one := func(yield func(string) bool) { yield("task") }
	tests := []struct {
		name   string
		ids    func(yield func(string) bool)
		client xiexus.Option
		option xiexus.WaitOption
	}{
		{"sequence", func(yield func(string) bool) {
			yield("task")
			panic("boom")
		}, nil, nil},
		{"progress", one, nil, xiexus.WithProgress(func(*xiexus.Task) { panic("boom") })},
		{"key function", one, xiexus.WithAPIKeyFunc(func(context.Context) (string, error) { panic("boom") }), nil},
		{"transport", one, xiexus.WithHTTPClient(&http.Client{
			Transport: roundTrip(func(*http.Request) (*http.Response, error) { panic("boom") }),
		}), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.PanicsWithValue(t, "boom", func() {
				for range newClient(t, relay, test.client).WaitAll(t.Context(), test.ids, test.option) {
					continue
				}
			})
		})
	}
}
