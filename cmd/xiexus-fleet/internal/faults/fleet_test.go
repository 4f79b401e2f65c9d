package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/command"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// fleet is a fleet on a NATS server, which others share.
type fleet struct {
	urls, name string
	engine     *engine.Engine // to look at the queues
	turns      chan struct{}  // one for each short command that may run
}

// newTurns returns the turns of fleets that share a machine: commands other than work wait for a
// server for a few seconds only.
func newTurns() chan struct{} { return make(chan struct{}, 8) }

// open creates the queues of the fleet.
func (f *fleet) open(ctx context.Context) (err error) {
	f.turns <- struct{}{}
	defer func() { <-f.turns }()
	f.engine, err = engine.Open(ctx, engine.Config{URLs: f.urls, Name: f.name, Patient: true, Logger: slog.New(slog.DiscardHandler)})
	return err
}

const (
	// waitTime is how long to wait for what must happen. Nothing takes so long.
	waitTime = 4 * time.Minute
	tickTime = 100 * time.Millisecond
)

// run runs a command line.
func (f *fleet) run(ctx context.Context, stderr *buffer, args ...string) (code int, stdout string) {
	var out buffer
	args = append(args, "--nats", f.urls, "--name", f.name)
	code = command.Run(ctx, args, command.Streams{In: strings.NewReader(""), Out: &out, Err: stderr})
	return code, out.String()
}

// short runs a short command in its turn, again if the server does not respond in time.
func (f *fleet) short(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	const unavailable = 7
	for {
		f.turns <- struct{}{}
		var log buffer
		code, stdout = f.run(ctx, &log, args...)
		<-f.turns
		if code != unavailable || ctx.Err() != nil {
			return code, stdout, log.String()
		}
	}
}

// submit puts work into the queue.
func (f *fleet) submit(ctx context.Context, args ...string) error {
	if code, _, stderr := f.short(ctx, append([]string{"submit"}, args...)...); code != 0 {
		return fmt.Errorf("submit: exit code %d: %s", code, stderr)
	}
	return nil
}

// results returns the results that are stored, and checks that no ID has two.
func (f *fleet) results(ctx context.Context) ([]outcome.Result, error) {
	var last uint64
	err := engine.Retry(ctx, func(ctx context.Context) (err error) {
		last, err = f.engine.LastResult(ctx)
		return err
	})
	if err != nil || last == 0 {
		return nil, err
	}
	code, stdout, stderr := f.short(ctx, "results", "--no-wait")
	if code != 0 && stdout == "" {
		return nil, fmt.Errorf("results: exit code %d: %s", code, stderr)
	}
	var all []outcome.Result
	seen := map[string]bool{}
	for line := range strings.Lines(stdout) {
		var r outcome.Result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return nil, err
		}
		id := r.TaskID + "/" + r.Request
		if seen[id] {
			return nil, fmt.Errorf("%s has two results", id)
		}
		seen[id] = true
		all = append(all, r)
	}
	return all, nil
}

// waiting returns how many shards and how many create requests are in the queues.
func (f *fleet) waiting(ctx context.Context) (shards, requests uint64, err error) {
	err = engine.Retry(ctx, func(ctx context.Context) error {
		creates, err := f.engine.Creates.Info(ctx) // first: create requests become shards
		if err != nil {
			return err
		}
		waits, err := f.engine.Waits.Info(ctx)
		if err == nil {
			shards, requests = waits.State.Msgs, creates.State.Msgs
		}
		return err
	})
	return shards, requests, err
}

// worker is a worker that runs in the background.
type worker struct {
	cancel context.CancelFunc
	ended  chan struct{}
	code   int // once it has ended
	stderr buffer
}

func (f *fleet) work(ctx context.Context, args ...string) *worker {
	ctx, cancel := context.WithCancel(ctx)
	w := &worker{cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(w.ended)
		w.code, _ = f.run(ctx, &w.stderr, append([]string{"work"}, args...)...)
	}()
	return w
}

// stopTime is more than a worker may take to finish its requests and to store their results.
const stopTime = 50 * time.Second

// stop interrupts the worker, and waits until it has ended.
func (w *worker) stop() error {
	w.cancel()
	select {
	case <-w.ended:
		return nil
	case <-time.After(stopTime):
		return errors.New("the worker does not end")
	}
}

// hasEnded reports whether the worker has ended by itself.
func (w *worker) hasEnded() bool {
	select {
	case <-w.ended:
		return true
	default:
		return false
	}
}

// reasons returns how often the worker has logged why work is not done yet.
func (w *worker) reasons() int {
	log, n := w.stderr.String(), 0
	for _, message := range []string{"polls failed; the tasks are polled again", "the relay does not accept a create request yet"} {
		n += strings.Count(log, message)
	}
	return n
}

// until waits until a condition is reached.
func until(ctx context.Context, what string, isReached func() (bool, error)) error {
	deadline := time.Now().Add(waitTime)
	for {
		reached, err := isReached()
		switch {
		case reached && err == nil:
			return nil
		case time.Now().After(deadline) || ctx.Err() != nil:
			return errors.Join(fmt.Errorf("waited in vain until %s", what), err)
		}
		_ = retry.Sleep(ctx, tickTime)
	}
}

// buffer may be written to while it is read.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
