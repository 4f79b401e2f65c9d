package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"golang.org/x/sync/errgroup"
)

// settle stores what a round has found, in an order in which nothing can be lost: results
// first, then the cursors without the tasks that have ended, and only then it hands back or
// acknowledges the shards. If it is interrupted, another worker does the rest again, and the
// results stay the same.
func (w *Worker) settle(ctx context.Context, shards []*held) {
	if len(shards) == 0 {
		return
	}
	var results []outcome.Result
	changed := make([]bool, len(shards))
	for i, s := range shards {
		var ended []outcome.Result
		ended, changed[i] = w.advance(s)
		results = append(results, ended...)
	}
	if err := w.publish(ctx, results); err != nil {
		w.Logger.Error("cannot store results; the tasks will be polled again", "error", err)
		for _, s := range shards {
			w.handBack(s.message, 0)
		}
		return
	}
	merged := w.merge(ctx, shards)
	var group errgroup.Group
	group.SetLimit(storeConcurrency)
	for i, s := range shards {
		if merged[i] {
			continue
		}
		group.Go(func() error {
			w.release(ctx, s, changed[i])
			return nil
		})
	}
	_ = group.Wait()
}

// advance takes what the polls of a shard have returned. It returns the results of the tasks
// that have ended, and whether anything has changed.
func (w *Worker) advance(s *held) (ended []outcome.Result, changed bool) {
	now := time.Now()
	var waiting []*wait
	for _, t := range s.waits {
		if errors.Is(t.polled.Err, xiexus.ErrUnauthorized) && t.polled.Cursor.Done {
			w.fail(t.polled.Err) // which is not about the task: the key of this worker is wrong
			t.polled = xiexus.Polled{Cursor: t.cursor}
		}
		isEnd, err := endOf(t.polled, w.MaxWait, now)
		if isEnd {
			ended = append(ended, w.resultOf(s, t.polled, err, now))
			continue
		}
		changed = changed || t.cursor != t.polled.Cursor
		t.cursor = t.polled.Cursor
		waiting = append(waiting, t)
	}
	s.waits = waiting
	return ended, changed || len(ended) > 0
}

// endOf reports whether the wait for a task is over, and why there is no video then.
func endOf(p xiexus.Polled, maxWait time.Duration, now time.Time) (isEnd bool, reason error) {
	switch {
	case p.Cursor.Done && p.Err != nil:
		return true, p.Err
	case p.Cursor.Done && p.Task != nil:
		return true, p.Task.Err()
	case maxWait > 0 && !p.Cursor.StartedAt.IsZero() && now.Sub(p.Cursor.StartedAt) >= maxWait:
		return true, fmt.Errorf("%w: not completed within %s", xiexus.ErrWaitTimeout, maxWait)
	}
	return false, nil
}

func (w *Worker) resultOf(s *held, p xiexus.Polled, err error, now time.Time) outcome.Result {
	return outcome.Result{
		TaskID: p.Cursor.TaskID, Request: s.Requests[p.Cursor.TaskID], Task: p.Task, Error: outcome.NewError(err),
		Polls: p.Cursor.Attempts, StartedAt: p.Cursor.StartedAt, RecordedAt: now.UTC(), Worker: w.Name,
	}
}

// release stores the cursors of a shard and hands it back until it is due, or deletes it if
// all its tasks have ended.
func (w *Worker) release(ctx context.Context, s *held, changed bool) {
	if len(s.waits) == 0 {
		w.finish(ctx, s)
		return
	}
	if changed && !w.storeCursors(ctx, s) {
		return
	}
	now := time.Now()
	delay := max(shard.Delay(s.cursors(), now), w.state.Paused().Sub(now))
	if w.isDenied.Load() {
		delay = max(delay, denialDelay)
	}
	w.handBack(s.message, delay)
}

// storeCursors stores the cursors of a shard, and reports whether this worker still holds it.
func (w *Worker) storeCursors(ctx context.Context, s *held) bool {
	var stored uint64
	err := engine.Retry(ctx, func(ctx context.Context) (err error) {
		stored, err = w.putCursors(ctx, s.ID, s.cursors(), s.revision)
		return err
	})
	switch {
	case err == nil:
		s.revision = stored
		return true
	case engine.IsConflict(err): // or the response to an earlier attempt was lost
		w.Logger.Debug("another worker has taken over a shard", "shard", s.ID)
	default:
		w.Logger.Error("cannot store cursors; the tasks will be polled again", "shard", s.ID, "error", err)
	}
	return false
}

// finish deletes a shard whose tasks have all ended. Cursors that are left behind expire.
func (w *Worker) finish(ctx context.Context, s *held) {
	if err := w.ack(ctx, s.message); err != nil {
		w.Logger.Warn("cannot acknowledge a shard; its tasks will be polled again", "shard", s.ID, "error", err)
		return
	}
	if s.revision == 0 {
		return
	}
	if err := w.engine.Cursors.Purge(ctx, s.ID, jetstream.LastRevision(s.revision)); err != nil {
		w.Logger.Debug("cannot delete cursors", "shard", s.ID, "error", err)
	}
}

// ack deletes a message from its queue.
func (w *Worker) ack(ctx context.Context, message jetstream.Msg) error {
	return engine.Retry(ctx, func(ctx context.Context) error {
		err := message.DoubleAck(ctx)
		if errors.Is(err, jetstream.ErrMsgAlreadyAckd) {
			return nil
		}
		return err
	})
}
