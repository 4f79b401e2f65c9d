package worker

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// Shards that have thinned out are merged: their tasks are then read with one request, by
// whichever worker.
func TestRound_MergesShards(t *testing.T) {
	w, relay := newWorker(t)
	ids := endless(relay, 9)
	enqueue(t, w, shard.New(ids[:3]...), shard.New(ids[3:6]...), shard.New(ids[6:]...))
	w.round(t.Context(), w.take(t.Context(), w.engine.WaitQueue, 16))
	require.Equal(t, 1, waiting(t, w))
	require.Len(t, relay.Requests(), 1)

	messages := w.take(t.Context(), w.engine.WaitQueue, 16)
	require.Len(t, messages, 1)
	shards := w.load(t.Context(), messages)
	require.ElementsMatch(t, ids, shards[0].TaskIDs)
	for _, cursor := range shards[0].cursors() {
		require.Equal(t, 1, cursor.Attempts, "what is known of the tasks is kept")
	}
	w.round(t.Context(), messages)
	require.Len(t, relay.Requests(), 1, "none of them is due")
}

// A worker that was out of touch for so long that another one has its shard does not
// overwrite what that one has stored.
func TestRound_LeavesAShardThatAnotherWorkerHas(t *testing.T) {
	w, relay := newWorker(t)
	ids := endless(relay, 8)
	enqueue(t, w, shard.New(ids...))
	messages := w.take(t.Context(), w.engine.WaitQueue, 16)
	slow := w.load(t.Context(), messages)
	fast := w.load(t.Context(), messages)
	require.True(t, w.storeCursors(t.Context(), fast[0]))
	require.False(t, w.storeCursors(t.Context(), slow[0]))
	require.Equal(t, 1, waiting(t, w))
}

// Nor does it merge such shards, or their tasks would be in two shards from then on.
func TestSettle_DoesNotMergeShardsThatAnotherWorkerHas(t *testing.T) {
	w, relay := newWorker(t)
	ids := endless(relay, 8)
	enqueue(t, w, shard.New(ids[:4]...), shard.New(ids[4:]...))
	messages := w.take(t.Context(), w.engine.WaitQueue, 16)
	slow := w.load(t.Context(), messages)
	fast := w.load(t.Context(), messages)
	w.settle(t.Context(), fast)
	require.Equal(t, 1, waiting(t, w))
	w.settle(t.Context(), slow)
	require.Equal(t, 1, waiting(t, w))
}

// What is done again leaves the first result as it is.
func TestRound_RepeatedAfterTheResultsWereStored(t *testing.T) {
	w, relay := newWorker(t)
	var ids []string
	for i := range 5 {
		ids = append(ids, fmt.Sprintf("done_%d", i))
		relay.Add(ids[i], xiexustest.Completes(0, "https://cdn.example.com/v.mp4", xiexustest.Stored))
	}
	enqueue(t, w, shard.New(ids...), shard.New(ids...))
	messages := w.take(t.Context(), w.engine.WaitQueue, 16)
	w.round(t.Context(), messages[:1])
	first := stored(t, w)
	require.Len(t, first, 5)
	w.Name = "another"
	w.round(t.Context(), messages[1:])
	require.Equal(t, first, stored(t, w))
	require.Zero(t, waiting(t, w))
	require.EqualValues(t, 5, w.Presence().Completed)
}

// The relay requests a pause: no wave follows, and the shards are due after it.
func TestRound_ObeysRetryAfter(t *testing.T) {
	w, relay := newWorker(t)
	w.BatchSize = 2
	relay.FailBatches(xiexustest.Fault{Status: 429, RetryAfter: "60"})
	enqueue(t, w, shard.New(endless(relay, 8)...))
	w.round(t.Context(), w.take(t.Context(), w.engine.WaitQueue, 16))
	require.Len(t, relay.Requests(), 1)
	require.Greater(t, time.Until(w.state.Paused()), 50*time.Second)
	require.Empty(t, w.take(t.Context(), w.engine.WaitQueue, 16))
	require.Equal(t, 1, waiting(t, w))
}

// A worker polls few tasks while the relay rejects its key, and all of them once it does not.
func TestRound_PollsFewTasksWhileTheKeyIsRejected(t *testing.T) {
	w, relay := newWorker(t)
	w.Concurrency, w.BatchSize = 4, 3
	ids := endless(relay, 10)
	for _, id := range ids {
		relay.Fail(id, xiexustest.Fault{Status: 401}, xiexustest.Fault{Status: 401})
	}
	relay.FailBatches(xiexustest.Fault{Status: 401})
	enqueue(t, w, shard.New(ids...))
	messages := w.take(t.Context(), w.engine.WaitQueue, 16)
	w.round(t.Context(), messages)
	require.Len(t, relay.Requests(), 1+3, "a batch, and its tasks one by one")
	w.round(t.Context(), messages)
	require.Len(t, relay.Requests(), 4+1)
	require.Empty(t, stored(t, w))
	require.Equal(t, 1, waiting(t, w))

	w, relay = newWorker(t)
	w.Concurrency, w.BatchSize = 4, 3
	w.isDenied.Store(true)
	enqueue(t, w, shard.New(endless(relay, 10)...))
	w.round(t.Context(), w.take(t.Context(), w.engine.WaitQueue, 16))
	require.Len(t, relay.Requests(), 1+3, "one task, and the others in batches")
}

// Nobody but a worker writes cursors. If somebody does, the tasks are polled all the same.
func TestRound_PollsTasksWhoseCursorsAreWrong(t *testing.T) {
	w, relay := newWorker(t)
	encode := func(cursors ...xiexus.Cursor) []byte {
		data, err := w.codec.Encode(cursors)
		require.NoError(t, err)
		return data
	}
	tests := []struct {
		name    string
		cursors []byte
	}{
		{"done", encode(xiexus.Cursor{TaskID: "done", Done: true, NextAt: time.Now().Add(time.Hour)})},
		{"none", encode()},
		{"unreadable", []byte("cursors")},
		{"written by a wrong clock", encode(xiexus.Cursor{TaskID: "written by a wrong clock", Attempts: 1, NextAt: time.Now().Add(time.Hour)})},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay.Add(test.name, xiexustest.Completes(0, "https://cdn.example.com/v.mp4", xiexustest.Stored))
			s := shard.New(test.name)
			_, err := w.engine.Cursors.Put(t.Context(), s.ID, test.cursors)
			require.NoError(t, err)
			enqueue(t, w, s)
			w.round(t.Context(), w.take(t.Context(), w.engine.WaitQueue, 16))
			require.Len(t, stored(t, w), i+1)
			require.Zero(t, waiting(t, w))
		})
	}
}

// A message of a newer release stays in the queue.
func TestRound_KeepsWhatItCannotRead(t *testing.T) {
	w, _ := newWorker(t)
	var log bytes.Buffer
	w.Logger = slog.New(slog.NewTextHandler(&log, nil))
	for _, data := range []string{`{"v":99,"id":"a"}`, `not JSON`} {
		_, err := w.engine.JS.Publish(t.Context(), w.engine.Subjects.Wait+"unreadable", []byte(data))
		require.NoError(t, err)
	}
	w.round(t.Context(), w.take(t.Context(), w.engine.WaitQueue, 16))
	require.Equal(t, 2, waiting(t, w))
	require.EqualValues(t, 2, w.Presence().Errors)
	require.Contains(t, log.String(), "subject=fleet.wait.unreadable")
}

func TestEndOf(t *testing.T) {
	now := time.Now()
	task := func(status string) *xiexus.Task {
		task := &xiexus.Task{}
		task.Status = xiexus.VideoTaskStatus(status)
		return task
	}
	cursor := func(done bool, age time.Duration) xiexus.Cursor {
		return xiexus.Cursor{TaskID: "a", Done: done, StartedAt: now.Add(-age)}
	}
	tests := []struct {
		name   string
		polled xiexus.Polled
		isEnd  bool
		kind   string
	}{
		{"completed", xiexus.Polled{Task: task("completed"), Cursor: cursor(true, 0)}, true, ""},
		{"failed", xiexus.Polled{Task: task("failed"), Cursor: cursor(true, 0)}, true, outcome.KindFailed},
		{"not found", xiexus.Polled{Cursor: cursor(true, 0), Err: xiexus.ErrTaskNotFound}, true, outcome.KindNotFound},
		{"in progress", xiexus.Polled{Task: task("in_progress"), Cursor: cursor(false, time.Minute)}, false, ""},
		{"an error that may pass", xiexus.Polled{Cursor: cursor(false, time.Minute), Err: errors.New("502")}, false, ""},
		{"not polled", xiexus.Polled{Cursor: xiexus.NewCursor("a")}, false, ""},
		{"too long", xiexus.Polled{Task: task("in_progress"), Cursor: cursor(false, time.Hour)}, true, outcome.KindTimedOut},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			isEnd, err := endOf(tt.polled, time.Hour, now)
			require.Equal(t, tt.isEnd, isEnd)
			kind := ""
			if err != nil {
				kind = outcome.NewError(err).Kind
			}
			require.Equal(t, tt.kind, kind)
		})
	}
	isEnd, _ := endOf(xiexus.Polled{Cursor: cursor(false, 1000*time.Hour)}, 0, now)
	require.False(t, isEnd, "without a limit")
}
