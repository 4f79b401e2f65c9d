package xiexus_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestPollAll_PollsWhatIsDueInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 5, endless)
		relay.Add("failed", xiexustest.Fails(0, "unsafe"))
		now := time.Now().Round(0)
		at := func(id string, d time.Duration) xiexus.Cursor {
			return xiexus.Cursor{TaskID: id, NextAt: now.Add(d), Attempts: 2, StartedAt: now.Add(-time.Hour)}
		}
		cursors := []xiexus.Cursor{
			at("task_0", time.Minute),
			at("failed", -time.Minute),
			at("task_1", 300*time.Millisecond),
			{TaskID: "done", Done: true, Attempts: 7},
			at("task_2", 200*time.Millisecond),
			xiexus.NewCursor("task_3"),
			at("task_4", time.Hour),
			xiexus.NewCursor("missing"),
			xiexus.NewCursor(""),
			xiexus.NewCursor("task_3"),
		}
		got := newClient(t, relay).PollAll(t.Context(), cursors)
		require.Equal(t, 200*time.Millisecond, time.Since(now), "they share a request")
		sizes, single := batches(relay)
		require.Equal(t, []int{5}, sizes)
		require.Equal(t, 1, single, "what the batch left out")

		require.Len(t, got, len(cursors))
		for _, i := range []int{0, 2, 3} {
			require.Equal(t, xiexus.Polled{Cursor: cursors[i]}, got[i], i)
		}
		for _, i := range []int{4, 5, 9} {
			require.NoError(t, got[i].Err)
			require.Equal(t, cursors[i].TaskID, got[i].Task.TaskID)
			require.Equal(t, cursors[i].Attempts+1, got[i].Cursor.Attempts)
			require.True(t, got[i].Cursor.NextAt.After(time.Now()))
			require.False(t, got[i].Cursor.Done)
		}
		require.True(t, got[1].Cursor.Done)
		require.NoError(t, got[1].Err)
		require.ErrorContains(t, got[1].Task.Err(), "unsafe")
		require.Equal(t, now.Add(2*time.Minute), got[6].Cursor.NextAt, "another clock must have written it")
		require.Nil(t, got[6].Task)
		require.ErrorIs(t, got[7].Err, xiexus.ErrTaskNotFound)
		require.False(t, got[7].Cursor.Done, "the relay may not have stored it yet")
		require.Equal(t, 1, got[7].Cursor.Attempts)
		require.ErrorIs(t, got[8].Err, xiexus.ErrInvalidTaskID)
		require.True(t, got[8].Cursor.Done)
	})
}

func TestPollAll_NothingIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		client := newClient(t, relay)
		start := time.Now()
		require.Empty(t, client.PollAll(t.Context(), nil))
		cursor := xiexus.Cursor{TaskID: "task", NextAt: start.Add(time.Second).Round(0), Attempts: 1}
		require.Equal(t, []xiexus.Polled{{Cursor: cursor}}, client.PollAll(t.Context(), []xiexus.Cursor{cursor}))
		require.Zero(t, time.Since(start))
		require.Empty(t, relay.Requests())
	})
}

func TestPollAll_TaskThatHasJustBeenCreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		client := newClient(t, relay)
		task, err := client.Create(t.Context(), pianoCat)
		require.NoError(t, err)
		got := client.PollAll(t.Context(), cursorsOf(func(yield func(string) bool) { yield(task.TaskID) }))
		require.Nil(t, got[0].Task)
		require.InDelta(t, 25, time.Until(got[0].Cursor.NextAt).Seconds(), 4)
		require.Len(t, relay.Requests(), 1)
	})
}

func TestPollAll_Options(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 3, storedTask(passes, xiexustest.Stored))
		interval := xiexus.WithInterval(5*time.Second, 5*time.Second)
		for _, polled := range newClient(t, relay).PollAll(t.Context(), cursorsOf(numbered(3)), interval, xiexus.WithBatchSize(1)) {
			require.InEpsilon(t, 5*time.Second, time.Until(polled.Cursor.NextAt), 0.1001)
		}
		sizes, single := batches(relay)
		require.Empty(t, sizes)
		require.Equal(t, 3, single)
	})
}

func TestPollAll_InvalidOption(t *testing.T) {
	relay := newRelay(t)
	cursors := cursorsOf(numbered(2))
	for i, polled := range newClient(t, relay).PollAll(t.Context(), cursors, xiexus.WithBatchSize(0)) {
		require.ErrorContains(t, polled.Err, "WithBatchSize")
		require.Equal(t, cursors[i], polled.Cursor)
	}
	require.Empty(t, relay.Requests())
}

func TestPollAll_ManyCursors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tasks = 10_000
		relay := relayWith(t, tasks, endless)
		var now, most atomic.Int64
		client := newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: handlerTransport(func(w http.ResponseWriter, req *http.Request) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			relay.ServeHTTP(w, req)
		})}))
		for i, polled := range client.PollAll(t.Context(), cursorsOf(numbered(tasks)), xiexus.WithConcurrency(5)) {
			require.Equal(t, fmt.Sprint("task_", i), polled.Task.TaskID)
		}
		require.Len(t, relay.Requests(), tasks/100)
		require.Equal(t, int64(5), most.Load())
	})
}

// Without the monotonic clock, a cursor is what another process decodes.
func TestPollAll_CursorsAreAsStored(t *testing.T) {
	relay := relayWith(t, 2, endless)
	relay.FailBatches(xiexustest.Fault{}, xiexustest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "30"})
	client := newClient(t, relay)
	task, err := client.Create(t.Context(), pianoCat)
	require.NoError(t, err)
	cursors := append(cursorsOf(numbered(2)), xiexus.NewCursor(task.TaskID), xiexus.Cursor{TaskID: "far", NextAt: time.Now().Add(time.Hour)})
	for range 2 {
		for i, polled := range client.PollAll(t.Context(), cursors) {
			require.NotContains(t, polled.Cursor.NextAt.String(), "m=")
			require.NotContains(t, polled.Cursor.StartedAt.String(), "m=")
			cursors[i] = polled.Cursor
		}
		cursors[0].NextAt, cursors[1].NextAt = time.Time{}, time.Time{}
	}
}

func TestPollAll_WithProgress(t *testing.T) {
	relay := relayWith(t, 3, endless)
	client := newClient(t, relay)
	seen := 0
	client.PollAll(t.Context(), cursorsOf(numbered(3)), xiexus.WithProgress(func(*xiexus.Task) { seen++ }))
	require.Equal(t, 3, seen)
	require.PanicsWithValue(t, "of the caller", func() {
		client.PollAll(t.Context(), cursorsOf(numbered(3)), xiexus.WithProgress(func(*xiexus.Task) { panic("of the caller") }))
	})
}

func TestPollAll_ContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 250, endless)
		client := newClient(t, relay)
		cursors := append(cursorsOf(numbered(250)), xiexus.Cursor{TaskID: "later", NextAt: time.Now().Add(time.Minute).Round(0), Attempts: 1})
		relay.FailBatches(xiexustest.Fault{}, xiexustest.Fault{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		got := client.PollAll(ctx, cursors, xiexus.WithConcurrency(1))
		for i, polled := range got {
			switch {
			case i < 100:
				require.NoError(t, polled.Err)
				require.NotNil(t, polled.Task)
			case i < 250:
				require.Equal(t, cursors[i], polled.Cursor)
				require.ErrorIs(t, polled.Err, context.DeadlineExceeded)
			default:
				require.Equal(t, xiexus.Polled{Cursor: cursors[i]}, polled)
			}
		}
		require.Len(t, relay.Requests(), 2)

		for i, polled := range client.PollAll(ctx, cursors[:2]) {
			require.Equal(t, cursors[i], polled.Cursor)
			require.ErrorIs(t, polled.Err, context.DeadlineExceeded)
		}
		require.Len(t, relay.Requests(), 2)
	})
}
