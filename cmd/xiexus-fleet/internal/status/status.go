// Package status reports what a fleet is doing: from what the servers say about the streams
// and from a few headers, never by reading all tasks or results.
package status

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shared"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/worker"
)

// Status is what a fleet is doing.
type Status struct {
	// At is when it was read.
	At time.Time `json:"at"`
	// Waiting is what has not ended.
	Waiting Waiting `json:"waiting"`
	// Done counts the results since the stream of results was created, also those that have
	// expired.
	Done Done `json:"done"`
	// Workers are the workers that are alive, by name.
	Workers []worker.Presence `json:"workers"`
	// RequestsPerSecond is how many requests these have sent, over the last half minute.
	RequestsPerSecond float64 `json:"requests_per_second"`
	// RateLimit is the limit of all workers in requests per second, 0 for none.
	RateLimit float64 `json:"rate_limit"`
	// PausedUntil is until when the relay allows no requests; zero if it does.
	PausedUntil time.Time `json:"paused_until,omitzero"`
}

// Done counts results by kind.
type Done struct {
	// Completed is how many tasks are completed, Failed how many have failed, and Other how
	// many results are of any other kind.
	Completed int64 `json:"completed"`
	Failed    int64 `json:"failed"`
	Other     int64 `json:"other"`
	// Kinds has all of them.
	Kinds map[string]int64 `json:"kinds"`
}

// Total is how many results there are.
func (d Done) Total() int64 { return d.Completed + d.Failed + d.Other }

// Read reads the status.
func Read(ctx context.Context, e *engine.Engine, logger *slog.Logger) (Status, error) {
	s := Status{At: time.Now().UTC()}
	var err error
	if s.Waiting, err = readWaiting(ctx, e, s.At); err != nil {
		return s, fmt.Errorf("count what waits: %w", err)
	}
	if s.Done, err = readDone(ctx, e); err != nil {
		return s, fmt.Errorf("count the results: %w", err)
	}
	if s.Workers, err = readWorkers(ctx, e.Workers); err != nil {
		return s, fmt.Errorf("list the workers: %w", err)
	}
	for _, w := range s.Workers {
		s.RequestsPerSecond += w.RequestsPerSecond
	}
	state := shared.New(e.State, logger)
	if err := state.Load(ctx); err != nil {
		return s, err
	}
	s.RateLimit = state.Rate()
	if paused := state.Paused(); paused.After(s.At) {
		s.PausedUntil = paused.UTC()
	}
	return s, nil
}

// readWorkers returns the workers that are alive.
func readWorkers(ctx context.Context, bucket jetstream.KeyValue) ([]worker.Presence, error) {
	watcher, err := bucket.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return nil, err
	}
	defer func() { _ = watcher.Stop() }()
	workers := []worker.Presence{}
	for {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case entry, open := <-watcher.Updates():
			if !open || entry == nil { // nil follows the last one
				slices.SortFunc(workers, func(a, b worker.Presence) int { return cmp.Compare(a.Name, b.Name) })
				return workers, nil
			}
			var w worker.Presence
			if json.Unmarshal(entry.Value(), &w) == nil {
				workers = append(workers, w)
			}
		}
	}
}
