package worker

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"golang.org/x/sync/errgroup"
)

// storeConcurrency is how many requests of one round to the store may be in flight.
const storeConcurrency = 16

// load reads the cursors of shards. It hands back those that it cannot read.
func (w *Worker) load(ctx context.Context, messages []jetstream.Msg) []*held {
	loaded := make([]*held, len(messages))
	var group errgroup.Group
	group.SetLimit(storeConcurrency)
	for i, message := range messages {
		group.Go(func() error {
			s, err := w.loadOne(ctx, message)
			switch {
			case err == nil:
				loaded[i] = s
			case ctx.Err() != nil:
				w.handBack(message, 0)
			default:
				w.refuse(message, err)
			}
			return nil
		})
	}
	_ = group.Wait()
	return slices.DeleteFunc(loaded, func(s *held) bool { return s == nil })
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
		s.setCursors(s.Cursors())
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	s.revision = entry.Revision()
	cursors, err := w.codec.Decode(entry.Value())
	switch {
	case errors.Is(err, shard.ErrNewer):
		return nil, err
	case err == nil && len(cursors) == 0: // those of a shard whose tasks have ended are deleted
		err = errors.New("cursors: there are none")
	}
	if err != nil {
		w.Logger.Warn("cannot read the cursors of a shard; its tasks are polled as if they were new", "shard", s.ID, "error", err)
		cursors = s.Cursors()
	}
	s.setCursors(cursors)
	return s, nil
}

// furthest is further away than any poll that a worker schedules, even if its clock is wrong
// by a few minutes.
const furthest = 3 * shard.LongestDelay

// setCursors takes the cursors of tasks that have not ended. A cursor that would never be polled
// is wrong: one of a task that has ended is not stored, and one that is due in a long time was
// written by a wrong clock.
func (s *held) setCursors(cursors []xiexus.Cursor) {
	s.waits = make([]*wait, len(cursors))
	for i, cursor := range cursors {
		if cursor.Done {
			cursor = xiexus.NewCursor(cursor.TaskID)
		}
		if time.Until(cursor.NextAt) > furthest {
			cursor.NextAt = time.Time{}
		}
		s.waits[i] = &wait{cursor: cursor, polled: xiexus.Polled{Cursor: cursor}}
	}
}

// cursors returns the cursors of the tasks that have not ended.
func (s *held) cursors() []xiexus.Cursor {
	cursors := make([]xiexus.Cursor, len(s.waits))
	for i, t := range s.waits {
		cursors[i] = t.cursor
	}
	return cursors
}

// refuseDelay is when a message is looked at again that this worker cannot read.
const refuseDelay = time.Minute

// refuse hands back a message that this worker cannot read. It is never deleted: another
// release may read it.
func (w *Worker) refuse(message jetstream.Msg, err error) {
	w.stats.errors.Add(1)
	w.Logger.Error("cannot read a message of the queue; it stays there", "subject", message.Subject(), "error", err)
	w.handBack(message, refuseDelay)
}
