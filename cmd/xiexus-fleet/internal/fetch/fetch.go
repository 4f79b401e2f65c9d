// Package fetch downloads the videos of completed tasks. Several processes share the results.
package fetch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/internal/retry"
	"golang.org/x/sync/errgroup"
)

// Config configures a [Fetcher].
type Config struct {
	// Dir is the directory for the videos.
	Dir string
	// Concurrency is how many videos are downloaded at the same time.
	Concurrency int
	// Attempts is how often a download is tried, by all processes together, before it is
	// reported as failed.
	Attempts int
	// RetryDelay is the time before the second attempt. It doubles with each one.
	RetryDelay time.Duration
	// Follow keeps waiting for results when there will be no more.
	Follow bool
	// Report receives what became of each video that this process has dealt with last. Calls
	// are concurrent. An error ends Run.
	Report func(Saved) error
	// Logger receives what happens.
	Logger *slog.Logger
}

// Saved is what became of the video of a task.
type Saved struct {
	// TaskID is the ID of the task.
	TaskID string `json:"task_id"`
	// File is the first video, and Files are all if there are several.
	File  string   `json:"file,omitzero"`
	Files []string `json:"files,omitempty"`
	// Bytes is the size of File.
	Bytes int64 `json:"bytes,omitzero"`
	// Existed means that File was there before.
	Existed bool `json:"existed,omitzero"`
	// Error is why there is no file, or nil.
	Error *outcome.Error `json:"error"`
}

// Fetcher downloads videos.
type Fetcher struct {
	Config

	engine *engine.Engine
	queue  jetstream.Consumer
	client *xiexus.Client
}

// New returns a fetcher of the results in a queue.
func New(cfg Config, e *engine.Engine, queue jetstream.Consumer, client *xiexus.Client) *Fetcher {
	return &Fetcher{Config: cfg, engine: e, queue: queue, client: client}
}

// Run downloads until there is nothing left to download or to wait for, or until ctx ends,
// and returns the error of ctx then. A download that is interrupted is handed back; whoever
// takes it on the same directory resumes it.
func (f *Fetcher) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for range f.Concurrency {
		group.Go(func() error { return f.loop(ctx) })
	}
	return group.Wait()
}

// pullTime is how long to wait for a result before looking whether there will be more.
const pullTime = 2 * time.Second

func (f *Fetcher) loop(ctx context.Context) error {
	for ctx.Err() == nil {
		pullCtx, cancel := context.WithTimeout(ctx, pullTime)
		message, err := f.queue.Next(jetstream.FetchContext(pullCtx))
		cancel()
		switch {
		case err == nil:
			err = f.handle(ctx, message)
		case ctx.Err() != nil:
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
			if !f.Follow && f.isDone(ctx) {
				return nil
			}
			err = nil
		default: // the servers may come back
			f.Logger.Debug("cannot take a result", "error", err)
			_ = retry.Sleep(ctx, time.Second)
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// isDone reports whether no process downloads, and there will be no more results.
func (f *Fetcher) isDone(ctx context.Context) bool {
	idle, err := f.engine.IsIdle(ctx) // before the queue: what ends now is in it
	if err != nil || !idle {
		return false
	}
	info, err := f.queue.Info(ctx)
	return err == nil && info.NumPending == 0 && info.NumAckPending == 0
}
