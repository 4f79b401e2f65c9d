// Package worker polls the tasks of a fleet and sends its create requests.
package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shared"
)

// Config configures a [Worker].
type Config struct {
	// Name names the worker in results and in the list of workers.
	Name string
	// ShardSize is up to how many tasks shards are filled when they are merged.
	ShardSize int
	// Take is how many shards one round polls at most.
	Take int
	// Concurrency is how many requests may be in flight.
	Concurrency int
	// BatchSize is how many tasks one request reads.
	BatchSize int
	// Schedule, such as [xiexus.WithInterval], sets when to poll. By default polls follow the
	// passes of the relay.
	Schedule []xiexus.WaitOption
	// MaxWait is how long to wait for each task; zero is no limit.
	MaxWait time.Duration
	// Logger receives what happens.
	Logger *slog.Logger
}

// Worker takes shards that are due, polls their tasks together, stores the results, and
// hands the shards back until they are due again. Several workers may run at the same time.
type Worker struct {
	Config

	engine *engine.Engine
	client *xiexus.Client
	state  *shared.State
	codec  *shard.Codec
	stats  stats
	misses misses
	end    context.CancelCauseFunc // ends Run

	isDenied atomic.Bool // the relay has rejected the key in the last wave, and accepted it for no task
}

// New returns a worker. The client must have the state as its limiter, and should not retry
// requests by itself, because the queue does.
func New(cfg Config, e *engine.Engine, client *xiexus.Client, state *shared.State) (*Worker, error) {
	codec, err := shard.NewCodec()
	if err != nil {
		return nil, err
	}
	state.OnLearned(client.Learn)
	return &Worker{Config: cfg, engine: e, client: client, state: state, codec: codec, stats: stats{startedAt: time.Now()}}, nil
}

// Run works until ctx ends; then it finishes the polls that are under way, for at most
// [Grace], and hands everything back. It returns nil then, and an error if it cannot work,
// such as [xiexus.ErrUnauthorized].
func (w *Worker) Run(ctx context.Context) error {
	ctx, w.end = context.WithCancelCause(ctx)
	defer w.end(nil)
	if err := w.state.Load(ctx); err != nil {
		return err
	}
	var loops sync.WaitGroup
	for _, loop := range []func(context.Context){w.state.Run, w.reportPresence, w.pollLoop, w.createLoop} {
		loops.Go(func() { loop(ctx) })
	}
	loops.Wait()
	var fatal *fatalError
	if errors.As(context.Cause(ctx), &fatal) {
		return fatal
	}
	return nil
}

// rounds is how many rounds may be under way, so that a slow response does not delay the
// shards that are due meanwhile.
const rounds = 4

// perRound is how many requests of one round may be in flight.
func (w *Worker) perRound() int { return max(w.Concurrency/rounds, 1) }

func (w *Worker) pollLoop(ctx context.Context) {
	w.loop(ctx, w.engine.WaitQueue, w.Take, w.round)
}

// loop takes messages and handles those that were taken together. It returns when all of
// them have been handled.
func (w *Worker) loop(ctx context.Context, queue jetstream.Consumer, take int, handle func(context.Context, []jetstream.Msg)) {
	var handlers sync.WaitGroup
	defer handlers.Wait()
	free := make(chan struct{}, rounds)
	for {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			return
		}
		messages := w.take(ctx, queue, take)
		if ctx.Err() != nil {
			for _, message := range messages {
				w.handBack(message, 0)
			}
			return
		}
		if len(messages) == 0 {
			<-free
			continue
		}
		handlers.Go(func() {
			defer func() { <-free }()
			handle(ctx, messages)
		})
	}
}

// fatalError is an error that ends a worker.
type fatalError struct{ reason error }

func (e *fatalError) Error() string { return "the worker cannot continue: " + e.reason.Error() }
func (e *fatalError) Unwrap() error { return e.reason }

// fail ends the worker, because of an error that no retry can change.
func (w *Worker) fail(reason error) { w.end(&fatalError{reason}) }
