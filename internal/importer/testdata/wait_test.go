package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// slow is a task that takes five minutes on a relay with passes.
var slow = xiexustest.Script{
	Dialects: []xiexustest.Dialect{xiexustest.Stored, xiexustest.StoredLegacy},
	Ticker:   xiexustest.Ticker{Interval: 15 * time.Second, First: time.Second, Skipped: []int{2}, EveryPoll: true},
	Steps: []xiexustest.Step{
		{At: time.Minute, Status: xiexus.StatusInProgress, Progress: 50},
		{At: 5 * time.Minute, Status: xiexus.StatusCompleted, Progress: 100, URL: "https://cdn.example.com/{id}.mp4"},
	},
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		relay.Add("task", slow)
		relay.Fail("task", xiexustest.TransientFaults()[:2]...)
		client := newClient(t, relay)
		polls := 0
		task, err := client.Wait(t.Context(), "task", xiexus.WithMaxWait(time.Hour), xiexus.WithProgress(func(*xiexus.Task) { polls++ }))
		check(t, err == nil && task.Done() && task.Err() == nil && polls > 1, task, err)
		check(t, task.URL == "https://cdn.example.com/task.mp4" && *task.Progress == 100 && len(task.URLs) < 2, task)
		check(t, task.RelayStatus == "SUCCESS" && len(task.Raw) > 0 && task.FileName() == task.VideoFileName(0), task)
		check(t, !task.SubmittedAt.IsZero() && !task.StartedAt.IsZero() && !task.FinishedAt.IsZero() && !task.UpdatedAt.IsZero(), task)
		check(t, task.VideoTask.Status == xiexus.StatusCompleted && task.String() == "task (completed)", task)
		_, err = json.Marshal(task)
		check(t, err == nil, err)
	})
}

func TestWait_Ends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		relay.StoreAfter(5 * time.Second)
		relay.AddOnFirstRead("task", xiexustest.Script{Dialects: xiexustest.AllDialects(), Steps: []xiexustest.Step{{Status: "NEW"}}})
		task, err := newClient(t, relay).Wait(t.Context(), "task", xiexus.WithMaxWait(time.Minute), xiexus.WithInterval(time.Second, 10*time.Second))
		var ended *xiexus.WaitError
		check(t, errors.As(err, &ended) && errors.Is(err, xiexus.ErrWaitTimeout) && task.Status == xiexus.StatusUnknown, task, err)
		check(t, ended.Task == task && ended.TaskID == "task" && ended.Elapsed >= time.Minute && ended.Last == nil, ended)

		relay.Add("bad", xiexustest.Script{Steps: []xiexustest.Step{{Status: xiexus.StatusFailed, Reason: "unsafe"}}})
		_, err = newClient(t, relay).Wait(t.Context(), "bad")
		check(t, exitCode(err) == 3, err)
	})
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		relay.Add("task", slow)
		var seen []xiexus.VideoTaskStatus
		for task, err := range newClient(t, relay).Watch(t.Context(), "task") {
			check(t, err == nil, err)
			seen = append(seen, task.Status)
		}
		check(t, slices.Equal(seen, []xiexus.VideoTaskStatus{xiexus.StatusQueued, xiexus.StatusInProgress, xiexus.StatusCompleted}), seen)
	})
}

func TestPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		relay.Add("task", slow)
		cursor := xiexus.NewCursor("task")
		for !cursor.Done {
			stored, err := json.Marshal(cursor)
			check(t, err == nil, err)
			check(t, json.Unmarshal(stored, &cursor) == nil, string(stored))
			_, cursor, err = newClient(t, relay).Poll(t.Context(), cursor)
			check(t, err == nil, err)
		}
		check(t, cursor.TaskID == "task" && cursor.Attempts > 2 && cursor.NextAt.After(cursor.StartedAt), cursor)
	})
}

// turns counts the requests that it lets pass.
type turns struct{ taken atomic.Int32 }

func (l *turns) Wait(ctx context.Context) error {
	l.taken.Add(1)
	return ctx.Err()
}

func TestWithLimiter(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	relay.Add("task", slow)
	var limiter turns
	_, err := newClient(t, relay, xiexus.WithLimiter(xiexus.Limiter(&limiter))).Get(t.Context(), "task")
	check(t, err == nil && limiter.taken.Load() == 1, err)
}

func TestPollAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		var polled []xiexus.Polled
		for _, id := range []string{"a", "b", "c"} {
			relay.Add(id, slow)
			polled = append(polled, xiexus.Polled{Cursor: xiexus.NewCursor(id)})
		}
		client := newClient(t, relay)
		for range 100 {
			var cursors []xiexus.Cursor
			for _, p := range polled {
				cursors = append(cursors, p.Cursor)
			}
			for i, p := range client.PollAll(t.Context(), cursors) {
				check(t, p.Err == nil && p.Cursor.TaskID == cursors[i].TaskID, p)
				check(t, !p.Cursor.Done || cursors[i].Done || p.Task.Done(), p)
				polled[i] = p
			}
			time.Sleep(5 * time.Second)
		}
		check(t, !slices.ContainsFunc(polled, func(p xiexus.Polled) bool { return !p.Cursor.Done }), polled)
	})
}

func TestLearned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		relay.Add("task", slow)
		client, other := newClient(t, relay), newClient(t, relay)
		_, err := client.Wait(t.Context(), "task")
		check(t, err == nil, err)
		stored, err := json.Marshal(client.Learned())
		check(t, err == nil, err)
		var learned xiexus.Learned
		check(t, json.Unmarshal(stored, &learned) == nil, string(stored))
		other.Learn(learned)
		check(t, other.Learned() == client.Learned(), learned)
	})
}

func TestWaitAllAndGetAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		ids := []string{"a", "b", "c"}
		for _, id := range ids {
			relay.Add(id, slow)
		}
		client := newClient(t, relay)
		relay.FailBatches(xiexustest.Fault{UpstreamError: true}, xiexustest.Fault{Status: 500})
		done := 0
		for outcome := range client.WaitAll(t.Context(), slices.Values(ids), xiexus.WithConcurrency(2), xiexus.WithBatchSize(2)) {
			check(t, outcome.Err == nil && outcome.Task.Done() && outcome.TaskID == outcome.Task.TaskID, outcome)
			done++
		}
		check(t, done == 3, done)

		refusals := []xiexustest.BatchRefusal{
			xiexustest.BatchForbidden, xiexustest.BatchNotFound, xiexustest.BatchMethodNotAllowed,
			xiexustest.BatchPage, xiexustest.BatchOtherShape, xiexustest.BatchUnsupported,
		}
		check(t, slices.Equal(refusals, xiexustest.AllBatchRefusals()))
		for _, refusal := range refusals {
			relay.RefuseBatches(refusal)
			for outcome := range newClient(t, relay).GetAll(t.Context(), slices.Values(ids)) {
				check(t, outcome.Err == nil, outcome)
			}
		}
		relay.AllowBatches()
	})
}
