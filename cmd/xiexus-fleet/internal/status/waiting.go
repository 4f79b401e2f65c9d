package status

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
)

// Waiting is what has not ended. While a worker merges shards, a task may count twice.
type Waiting struct {
	// Tasks is how many tasks are waited for, and Shards in how many shards they are.
	Tasks  int64 `json:"tasks"`
	Shards int64 `json:"shards"`
	// Requests is how many create requests have not been sent, or not been concluded.
	Requests int64 `json:"create_requests"`
	// OldestSince is since when the oldest task is waited for; zero if there is none.
	OldestSince time.Time `json:"oldest_since,omitzero"`
}

// Oldest returns for how long the oldest task has been waited for.
func (w Waiting) Oldest(now time.Time) time.Duration {
	if w.OldestSince.IsZero() {
		return 0
	}
	return max(now.Sub(w.OldestSince), 0)
}

func readWaiting(ctx context.Context, e *engine.Engine, now time.Time) (Waiting, error) {
	cursors := map[string]engine.CursorsInfo{}
	err := e.ScanCursors(ctx, func(id string, info engine.CursorsInfo) { cursors[id] = info })
	if err != nil {
		return Waiting{}, err
	}
	waits, err := e.Waits.Info(ctx, jetstream.WithSubjectFilter(e.Subjects.Wait+">"))
	if err != nil {
		return Waiting{}, err
	}
	creates, err := e.Creates.Info(ctx)
	if err != nil {
		return Waiting{}, err
	}
	w := count(e.Subjects.Wait, waits.State.Subjects, cursors)
	w.Requests = int64(creates.State.Msgs)
	if waits.State.Msgs > 0 && (w.OldestSince.IsZero() || waits.State.FirstTime.Before(w.OldestSince)) {
		w.OldestSince = waits.State.FirstTime
	}
	if w.OldestSince.After(now) { // by another clock
		w.OldestSince = now
	}
	return w, nil
}

// count counts the tasks of the shards that are stored, given by their subjects: what their
// cursors say, or all of them if there are none yet. Cursors without a shard are left over.
func count(prefix string, subjects map[string]uint64, cursors map[string]engine.CursorsInfo) Waiting {
	var w Waiting
	for subject := range subjects {
		id, tasks, ok := shard.ParseSubject(prefix, subject)
		if !ok {
			continue
		}
		w.Shards++
		info, isPolled := cursors[id]
		if !isPolled {
			w.Tasks += int64(tasks)
			continue
		}
		w.Tasks += int64(info.Tasks)
		if !info.Since.IsZero() && (w.OldestSince.IsZero() || info.Since.Before(w.OldestSince)) {
			w.OldestSince = info.Since
		}
	}
	return w
}
