package xiexus_test

import (
	"iter"
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
