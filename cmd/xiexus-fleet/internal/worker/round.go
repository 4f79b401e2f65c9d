package worker

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"github.com/xiexus/xiexus-go/internal/poll"
)

// held is a shard that this worker holds.
type held struct {
	shard.Shard

	message  jetstream.Msg
	revision uint64 // of the cursors in the bucket, 0 if they are not there
	waits    []*wait
}

// wait is a task that has not ended.
type wait struct {
	cursor xiexus.Cursor // as it is stored
	isDue  bool          // to be polled in this round
	polled xiexus.Polled // the result of this round, if it has been polled
}

// round polls the tasks of some shards that are due, one wave of requests after another. After
// each wave it settles the shards that are complete, so that little is repeated if this worker
// is killed.
func (w *Worker) round(ctx context.Context, messages []jetstream.Msg) {
	defer w.engine.Heartbeat(messages...)()
	storeCtx, cancel := outliving(ctx, Grace+storeGrace)
	defer cancel()
	pollCtx, cancelPolls := outliving(ctx, Grace)
	defer cancelPolls()
	w.stats.shards.Add(int64(len(messages)))
	defer w.stats.shards.Add(-int64(len(messages)))
	shards := w.load(storeCtx, w.inTurn(storeCtx, messages))
	due := markDue(shards, time.Now())
	shards = w.settleComplete(storeCtx, shards)
	for len(due) > 0 && ctx.Err() == nil && !time.Now().Before(w.state.Paused()) {
		n := min(w.waveSize(), len(due))
		w.pollWave(pollCtx, due[:n])
		due = due[n:]
		shards = w.settleComplete(storeCtx, shards)
		if w.isDenied.Load() {
			break
		}
	}
	w.settle(storeCtx, shards) // those for which there was no time
	w.state.ShareLearned(storeCtx, w.client)
}

// waveSize is how many tasks a wave polls. One is enough to find out whether the relay still
// rejects the key: it reads the tasks of a batch that it rejects one by one.
func (w *Worker) waveSize() int {
	if w.isDenied.Load() {
		return 1
	}
	return w.perRound() * w.BatchSize
}

// denialDelay is when tasks are polled again after the relay has rejected the key.
const denialDelay = 5 * time.Second

// markDue marks the tasks that are due, and returns them.
func markDue(shards []*held, now time.Time) []*wait {
	var due []*wait
	for _, s := range shards {
		for _, t := range s.waits {
			if t.cursor.NextAt.Sub(now) <= poll.Together {
				t.isDue = true
				due = append(due, t)
			}
		}
	}
	return due
}

// settleComplete settles the shards that have nothing left to poll, and returns the others.
func (w *Worker) settleComplete(ctx context.Context, shards []*held) (rest []*held) {
	var complete []*held
	for _, s := range shards {
		if slices.ContainsFunc(s.waits, func(t *wait) bool { return t.isDue }) {
			rest = append(rest, s)
		} else {
			complete = append(complete, s)
		}
	}
	w.settle(ctx, complete)
	return rest
}

// pollWave polls some tasks together.
func (w *Worker) pollWave(ctx context.Context, wave []*wait) {
	cursors := make([]xiexus.Cursor, len(wave))
	for i, t := range wave {
		cursors[i] = t.cursor
	}
	options := append(slices.Clone(w.Schedule), xiexus.WithConcurrency(w.perRound()), xiexus.WithBatchSize(w.BatchSize))
	all := w.client.PollAll(ctx, cursors, options...)
	var retryAfter time.Duration
	var failed failedPolls
	isDenied, isAccepted := false, false
	for i, polled := range all {
		wave[i].isDue, wave[i].polled = false, polled
		isDenied = isDenied || errors.Is(polled.Err, xiexus.ErrUnauthorized)
		isAccepted = isAccepted || polled.Task != nil
		w.stats.countPoll(cursors[i], polled)
		failed.add(polled)
		retryAfter = max(retryAfter, requestedPause(polled.Err))
	}
	if isDenied || isAccepted {
		w.isDenied.Store(!isAccepted)
	}
	failed.log(w.Logger)
	w.obey(ctx, retryAfter)
}
