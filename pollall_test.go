package xiexus_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// cursorsOf returns new cursors of tasks.
func cursorsOf(ids iter.Seq[string]) (cursors []xiexus.Cursor) {
	for id := range ids {
		cursors = append(cursors, xiexus.NewCursor(id))
	}
	return cursors
}

// pollUntilDone calls PollAll whenever a cursor is due, as a job queue does: each time in
// another process. It returns the last tasks.
func pollUntilDone(t *testing.T, next func() *xiexus.Client, cursors []xiexus.Cursor) map[string]*xiexus.Task {
	t.Helper()
	tasks := map[string]*xiexus.Task{}
	for len(cursors) > 0 {
		var waiting []xiexus.Cursor
		earliest := time.Now().Add(time.Hour)
		for i, polled := range next().PollAll(t.Context(), cursors) {
			require.Equal(t, cursors[i].TaskID, polled.Cursor.TaskID)
			if polled.Cursor.Done {
				require.NoError(t, polled.Err)
				tasks[polled.Cursor.TaskID] = polled.Task
				continue
			}
			waiting = append(waiting, stored(t, polled.Cursor))
			if polled.Cursor.NextAt.Before(earliest) {
				earliest = polled.Cursor.NextAt
			}
		}
		cursors = waiting
		time.Sleep(time.Until(earliest))
	}
	return tasks
}

// takingTurns returns new clients, each of which knows what the one before it has learned.
func takingTurns(t *testing.T, relay *xiexustest.Relay) func() *xiexus.Client {
	last := newClient(t, relay)
	return func() *xiexus.Client {
		next := newClient(t, relay)
		next.Learn(shared(t, last.Learned()))
		last = next
		return next
	}
}

// Polling in rounds must not cost more requests than waiting, nor must it in a fleet whose
// processes share what they have learned.
func TestPollAll_SendsAsManyRequestsAsWaitAll(t *testing.T) {
	refuse := func(relay *xiexustest.Relay) { relay.RefuseBatches(xiexustest.BatchForbidden) }
	tests := []struct {
		name   string
		tasks  int
		script xiexustest.Script
		set    func(*xiexustest.Relay)
	}{
		{"stored", 120, storedTask(passes, xiexustest.Stored), nil},
		{"on a busy channel", 120, xiexustest.Completes(190*time.Second, video, xiexustest.Stored), nil},
		{"without timestamps", 120, xiexustest.Completes(90*time.Second, video), nil},
		{"realtime", 30, xiexustest.Completes(90*time.Second, video, xiexustest.Realtime), nil},
		{"batches refused", 30, storedTask(passes, xiexustest.Stored), refuse},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			requests := func(run func(*testing.T, *xiexustest.Relay)) (count int) {
				synctest.Test(t, func(t *testing.T) {
					relay := relayWith(t, test.tasks, test.script)
					if test.set != nil {
						test.set(relay)
					}
					run(t, relay)
					count = len(relay.Requests())
				})
				return count
			}
			waited := requests(func(t *testing.T, relay *xiexustest.Relay) {
				outcomes := newClient(t, relay).WaitAll(t.Context(), numbered(test.tasks))
				require.Len(t, collect(t, outcomes), test.tasks)
			})
			polled := requests(func(t *testing.T, relay *xiexustest.Relay) {
				client := newClient(t, relay)
				tasks := pollUntilDone(t, func() *xiexus.Client { return client }, cursorsOf(numbered(test.tasks)))
				require.Len(t, tasks, test.tasks)
			})
			inTurns := requests(func(t *testing.T, relay *xiexustest.Relay) {
				tasks := pollUntilDone(t, takingTurns(t, relay), cursorsOf(numbered(test.tasks)))
				require.Len(t, tasks, test.tasks)
			})
			require.InEpsilon(t, waited, polled, 0.15)
			require.InEpsilon(t, waited, inTurns, 0.15)
		})
	}
}

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
