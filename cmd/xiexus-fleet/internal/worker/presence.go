package worker

import (
	"context"
	"encoding/json"
	"os"
	"sync/atomic"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// Presence is what the list of workers says about one that is alive.
type Presence struct {
	// Name is the name of the worker, and Host that of its machine.
	Name string `json:"name"`
	Host string `json:"host"`
	// StartedAt is when it was started, and At when it wrote this.
	StartedAt time.Time `json:"started_at"`
	At        time.Time `json:"at"`
	// Requests is how many requests it has sent to the relay.
	Requests int64 `json:"requests"`
	// RequestsPerSecond is the rate of these over the last half minute.
	RequestsPerSecond float64 `json:"requests_per_second"`
	// Shards is how many shards it is polling.
	Shards int64 `json:"shards"`
	// Polls is how often it has polled a task; one request polls many.
	Polls int64 `json:"polls"`
	// Errors is how many polls have failed, and will be repeated.
	Errors int64 `json:"errors"`
	// Completed and Failed are how many results it has stored.
	Completed int64 `json:"completed"`
	Failed    int64 `json:"failed"`
	// Created is how many tasks it has created.
	Created int64 `json:"created"`
}

// stats counts what a worker does.
type stats struct {
	startedAt                                         time.Time
	shards, polls, errors, completed, failed, created atomic.Int64
	kinds                                             kinds
}

// countPoll counts a poll, if there was one.
func (s *stats) countPoll(before xiexus.Cursor, p xiexus.Polled) {
	if p.Cursor.Attempts > before.Attempts {
		s.polls.Add(1)
	}
	if p.Err != nil && !p.Cursor.Done {
		s.errors.Add(1)
	}
}

// count counts a result.
func (s *stats) count(result outcome.Result) {
	s.kinds.add(result.Kind())
	if result.IsDone() {
		s.completed.Add(1)
	} else {
		s.failed.Add(1)
	}
}

// Presence returns what the worker has done so far.
func (w *Worker) Presence() Presence {
	host, _ := os.Hostname() // empty if it is not known
	return Presence{
		Name: w.Name, Host: host, StartedAt: w.stats.startedAt.UTC(), At: time.Now().UTC(),
		Requests: w.state.Requests(), Shards: w.stats.shards.Load(), Polls: w.stats.polls.Load(), Errors: w.stats.errors.Load(),
		Completed: w.stats.completed.Load(), Failed: w.stats.failed.Load(), Created: w.stats.created.Load(),
	}
}

// reportPresence keeps the worker in the list until ctx ends, and then removes it.
func (w *Worker) reportPresence(ctx context.Context) {
	var requests rate
	for ctx.Err() == nil {
		presence := w.Presence()
		presence.RequestsPerSecond = requests.add(presence.At, presence.Requests)
		if data, err := json.Marshal(presence); err == nil {
			_, err = w.engine.Workers.Put(ctx, w.Name, data)
			if err != nil && ctx.Err() == nil {
				w.Logger.Debug("cannot report this worker", "error", err)
			}
		}
		_ = retry.Sleep(ctx, engine.WorkerTTL/10)
	}
	removeCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = w.engine.Workers.Delete(removeCtx, w.Name) // or it expires
}
