package worker

import (
	"context"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
)

// putCursors stores the cursors of a shard, by its ID, if their revision is still the given
// one, and returns the new one. Trying again is up to the caller.
func (w *Worker) putCursors(ctx context.Context, id string, cursors []xiexus.Cursor, revision uint64) (uint64, error) {
	data, err := w.codec.Encode(cursors)
	if err != nil {
		return 0, err
	}
	return w.engine.PutCursors(ctx, id, data, infoOf(cursors), revision)
}

func infoOf(cursors []xiexus.Cursor) engine.CursorsInfo {
	info := engine.CursorsInfo{Tasks: len(cursors)}
	for _, cursor := range cursors {
		info.Since = earlier(info.Since, cursor.StartedAt)
	}
	return info
}

// earlier returns the earlier of two times; a zero time is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
