package worker

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"golang.org/x/sync/errgroup"
)

// storeConcurrency is how many requests of one round to the store may be in flight.
const storeConcurrency = 16

// held is a shard that this worker holds.
type held struct {
	shard.Shard

	message  jetstream.Msg
	cursors  []xiexus.Cursor // of the tasks that have not ended
	revision uint64          // of the cursors in the bucket, 0 if they are not there
}

// poll is a round: it polls the tasks of some shards together.
func (w *Worker) poll(ctx context.Context, messages []jetstream.Msg) {
	defer w.keep(messages)()
	storeCtx, cancel := outliving(ctx, Grace+storeGrace)
	defer cancel()
	shards := w.load(storeCtx, messages)
	polled := w.pollAll(ctx, shards)
	w.settle(storeCtx, shards, polled)
	w.state.ShareLearned(storeCtx, w.client)
}

// pollAll polls the tasks that are due, and returns the results by shard.
func (w *Worker) pollAll(ctx context.Context, shards []*held) [][]xiexus.Polled {
	pollCtx, cancel := outliving(ctx, Grace)
	defer cancel()
	var cursors []xiexus.Cursor
	for _, s := range shards {
		cursors = append(cursors, s.cursors...)
	}
	all := w.client.PollAll(pollCtx, cursors, xiexus.WithConcurrency(w.perRound()), xiexus.WithBatchSize(w.BatchSize))
	w.obey(ctx, all)
	polled := make([][]xiexus.Polled, len(shards))
	for i, s := range shards {
		polled[i], all = all[:len(s.cursors)], all[len(s.cursors):]
	}
	return polled
}

// obey pauses all workers if the relay has requested it.
func (w *Worker) obey(ctx context.Context, polled []xiexus.Polled) {
	var longest time.Duration
	for _, p := range polled {
		longest = max(longest, retryAfter(p.Err))
	}
	if longest == 0 {
		return
	}
	w.Logger.Warn("the relay requests a pause", "seconds", longest.Seconds())
	if err := w.state.Pause(ctx, time.Now().Add(longest)); err != nil {
		w.Logger.Debug("cannot pause the other workers", "error", err)
	}
}

// retryAfter returns the pause that a rejected request asks for, or zero.
func retryAfter(err error) time.Duration {
	var apiErr *xiexus.APIError
	if errors.Is(err, xiexus.ErrRateLimited) && errors.As(err, &apiErr) {
		return apiErr.RetryAfter
	}
	return 0
}

// load reads the cursors of shards. It hands back those that it cannot read.
func (w *Worker) load(ctx context.Context, messages []jetstream.Msg) []*held {
	loaded := make([]*held, len(messages))
	var group errgroup.Group
	group.SetLimit(storeConcurrency)
	for i, message := range messages {
		group.Go(func() error {
			s, err := w.loadOne(ctx, message)
			if err != nil {
				w.refuse(message, err)
				return nil
			}
			loaded[i] = s
			return nil
		})
	}
	_ = group.Wait()
	var shards []*held
	for _, s := range loaded {
		if s != nil {
			shards = append(shards, s)
		}
	}
	return shards
}

// refuseDelay is when a message is looked at again that this worker cannot read.
const refuseDelay = time.Minute

// refuse hands back a message that this worker cannot read. It is never deleted: another
// release may read it.
func (w *Worker) refuse(message jetstream.Msg, err error) {
	w.stats.errors.Add(1)
	w.Logger.Error("cannot read a message of the queue; it stays there", "error", err)
	w.handBack(message, refuseDelay)
}

func (w *Worker) loadOne(ctx context.Context, message jetstream.Msg) (*held, error) {
	decoded, err := shard.Decode(message.Data())
	if err != nil {
		return nil, err
	}
	s := &held{Shard: decoded, message: message}
	var entry jetstream.KeyValueEntry
	err = engine.Retry(ctx, func(ctx context.Context) (err error) {
		entry, err = w.engine.Cursors.Get(ctx, s.ID)
		return err
	})
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		s.cursors = s.Cursors()
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	s.revision = entry.Revision()
	s.cursors, err = w.codec.Decode(entry.Value())
	return s, err
}
