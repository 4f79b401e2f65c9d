package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"golang.org/x/sync/errgroup"
)

// settle stores what a round has found, in an order in which nothing can be lost: results
// first, then the cursors without the tasks that have ended, then it hands back or
// acknowledges the shards. If it is interrupted, what is left is done again by another
// worker, and the results are the same.
func (w *Worker) settle(ctx context.Context, shards []*held, polled [][]xiexus.Polled) {
	var results []outcome.Result
	changed := make([]bool, len(shards))
	for i, s := range shards {
		ended, waiting := w.split(s, polled[i])
		changed[i] = len(ended) > 0 || !slices.Equal(waiting, s.cursors)
		results = append(results, ended...)
		s.cursors = waiting
	}
	if err := w.publish(ctx, results); err != nil {
		w.Logger.Error("cannot store results; another worker polls these tasks again", "error", err)
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

// split returns the results of the tasks of a shard that have ended, and the cursors of the
// others.
func (w *Worker) split(s *held, polled []xiexus.Polled) (ended []outcome.Result, waiting []xiexus.Cursor) {
	now := time.Now()
	for i, p := range polled {
		if p.Cursor.Attempts > s.cursors[i].Attempts {
			w.stats.polls.Add(1)
		}
		if p.Err != nil && !p.Cursor.Done {
			w.stats.errors.Add(1)
		}
		if errors.Is(p.Err, xiexus.ErrUnauthorized) && p.Cursor.Done {
			w.fail(p.Err) // which is not about the task: the key of this worker is wrong
			waiting = append(waiting, s.cursors[i])
			continue
		}
		err, isEnd := endOf(p, w.MaxWait, now)
		if !isEnd {
			waiting = append(waiting, p.Cursor)
			continue
		}
		ended = append(ended, outcome.Result{
			TaskID: p.Cursor.TaskID, Request: s.Requests[p.Cursor.TaskID], Task: p.Task, Error: outcome.NewError(err),
			Polls: p.Cursor.Attempts, StartedAt: p.Cursor.StartedAt, RecordedAt: now.UTC(), Worker: w.Name,
		})
	}
	return ended, waiting
}

// endOf reports whether the wait for a task is over, and why there is no video then.
func endOf(p xiexus.Polled, maxWait time.Duration, now time.Time) (error, bool) {
	switch {
	case p.Cursor.Done && p.Err != nil:
		return p.Err, true
	case p.Cursor.Done && p.Task != nil:
		return p.Task.Err(), true
	case p.Cursor.Done:
		return nil, false // polled by an earlier round, which has not stored it: poll it again
	case maxWait > 0 && !p.Cursor.StartedAt.IsZero() && now.Sub(p.Cursor.StartedAt) >= maxWait:
		return fmt.Errorf("%w: not completed within %s", xiexus.ErrWaitTimeout, maxWait), true
	}
	return nil, false
}

// release stores the cursors of a shard and hands it back until it is due, or deletes it if
// all its tasks have ended.
func (w *Worker) release(ctx context.Context, s *held, changed bool) {
	if len(s.cursors) == 0 {
		w.finish(ctx, s)
		return
	}
	if changed && !w.store(ctx, s) {
		return
	}
	w.handBack(s.message, shard.Delay(s.cursors, time.Now()))
}

// store stores the cursors of a shard, and reports whether this worker still holds it.
func (w *Worker) store(ctx context.Context, s *held) bool {
	data, err := w.codec.Encode(s.cursors)
	if err == nil {
		err = engine.Retry(ctx, func(ctx context.Context) (err error) {
			s.revision, err = w.engine.Cursors.Update(ctx, s.ID, data, s.revision)
			return err
		})
	}
	switch {
	case err == nil:
		return true
	case engine.IsConflict(err):
		w.Logger.Debug("another worker has taken over a shard", "shard", s.ID)
	default:
		w.Logger.Error("cannot store cursors; these tasks are polled again", "shard", s.ID, "error", err)
	}
	return false
}

// finish deletes a shard whose tasks have all ended. Cursors that are left behind expire.
func (w *Worker) finish(ctx context.Context, s *held) {
	if err := w.ack(ctx, s.message); err != nil {
		w.Logger.Warn("cannot acknowledge a shard; its tasks are polled again", "shard", s.ID, "error", err)
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
