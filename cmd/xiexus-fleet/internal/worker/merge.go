package worker

import (
	"context"
	"maps"
	"slices"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"golang.org/x/sync/errgroup"
)

// merge puts the tasks of shards that have thinned out into fewer shards, and reports which
// shards are gone. The new shard is stored before the old ones are deleted: if that is
// interrupted, some tasks are in two shards, and still have one result. Shards that another
// worker has taken over are left to it, or it would merge them, too.
func (w *Worker) merge(ctx context.Context, shards []*held) (gone []bool) {
	gone = make([]bool, len(shards))
	waiting := make([]int, len(shards))
	for i, s := range shards {
		waiting[i] = len(s.waits)
	}
	for _, group := range shard.Merge(waiting, w.ShardSize) {
		group = slices.DeleteFunc(group, func(i int) bool {
			gone[i] = !w.storeCursors(ctx, shards[i])
			return gone[i]
		})
		if len(group) < 2 {
			continue
		}
		if err := w.mergeGroup(ctx, shards, group); err != nil {
			w.Logger.Debug("cannot merge shards", "error", err)
			continue
		}
		var acks errgroup.Group
		acks.SetLimit(storeConcurrency)
		for _, i := range group {
			gone[i] = true
			acks.Go(func() error {
				w.finish(ctx, shards[i])
				return nil
			})
		}
		_ = acks.Wait()
	}
	return gone
}

// mergeGroup stores a new shard with the tasks of some others.
func (w *Worker) mergeGroup(ctx context.Context, shards []*held, group []int) error {
	var cursors []xiexus.Cursor
	merged := shard.New()
	merged.Requests = map[string]string{}
	for _, i := range group {
		for _, t := range shards[i].waits {
			merged.TaskIDs = append(merged.TaskIDs, t.cursor.TaskID)
			cursors = append(cursors, t.cursor)
		}
		maps.Copy(merged.Requests, shards[i].Requests)
	}
	if _, err := w.putCursors(ctx, merged.ID, cursors, 0); err != nil {
		return err
	}
	data, err := merged.Encode()
	if err != nil {
		return err
	}
	// Without room, the tasks stay where they are: a full queue gets room only if rounds go on.
	return w.engine.PublishIfRoom(ctx, merged.Subject(w.engine.Subjects.Wait), merged.ID, data)
}

// enqueue stores a shard that is due now.
func (w *Worker) enqueue(ctx context.Context, s shard.Shard) error {
	data, err := s.Encode()
	if err != nil {
		return err
	}
	return w.engine.Publish(ctx, s.Subject(w.engine.Subjects.Wait), s.ID, data)
}
