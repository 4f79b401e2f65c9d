// Package demo shows in half a minute what a fleet promises: it kills a worker while that
// polls tasks, and counts the results.
package demo

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
)

const (
	tasks     = 300
	shardSize = 10
	workers   = 3
	// ackWait is how long a killed worker keeps its shards. Outside of the demo it is longer.
	ackWait = 5 * time.Second
)

// Demo is a fleet in one process: a NATS server, a fake relay and three workers.
type Demo struct {
	say    func(format string, args ...any)
	logger *slog.Logger
	relay  *relay
	dir    string // of the store and the videos
	engine *engine.Engine
	doom   *doom
	start  time.Time
}

// Run runs the demo. It passes what happens to say, a sentence each time, and returns an
// error if a task was lost or has two results.
func Run(ctx context.Context, say func(format string, args ...any), logger *slog.Logger) error {
	dir, err := os.MkdirTemp("", "xiexus-fleet-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	d := &Demo{say: say, logger: logger, dir: dir, start: time.Now(), relay: startRelay(), doom: &doom{killed: make(chan string, 1)}}
	defer d.relay.Close()
	if d.engine, err = d.open(ctx); err != nil {
		return err
	}
	defer d.engine.Close()
	say("Started a NATS server and a fake relay in this process. Nothing is sent over the network.")
	if err := d.submit(ctx); err != nil {
		return err
	}
	if err := d.work(ctx); err != nil {
		return err
	}
	counts, err := d.count(ctx)
	if err != nil {
		return err
	}
	if err := d.download(ctx, counts.completed); err != nil {
		return err
	}
	return d.conclude(counts)
}

// open opens the store. The first one runs the server.
func (d *Demo) open(ctx context.Context) (*engine.Engine, error) {
	e, err := engine.Open(ctx, engine.Config{
		Store: filepath.Join(d.dir, "store"), Name: "demo", AckWait: ackWait, Logger: d.logger,
	})
	if err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	return e, nil
}

// submit puts the tasks into the queue.
func (d *Demo) submit(ctx context.Context) error {
	builder := shard.Builder{Size: shardSize}
	shards := 0
	for _, id := range d.relay.ids {
		full, ok := builder.Add(id)
		if !ok {
			continue
		}
		data, err := full.Encode()
		if err != nil {
			return err
		}
		if err := d.engine.Publish(ctx, full.Subject(d.engine.Subjects.Wait), full.ID, data); err != nil {
			return fmt.Errorf("submit: %w", err)
		}
		shards++
	}
	d.say("Submitted %d tasks that take up to %s, in %d shards.", len(d.relay.ids), longestTask, shards)
	return nil
}

// work runs the workers until all tasks have ended, and kills one in the middle.
func (d *Demo) work(ctx context.Context) error {
	workCtx, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	for i := range workers {
		m, err := d.newMember(workCtx, fmt.Sprintf("w%d", i+1))
		if err != nil {
			return err
		}
		group.Go(func() { m.run(workCtx) })
	}
	d.say("Started the workers w1, w2 and w3. Each has its own connection to NATS.")
	return d.follow(ctx)
}

// follow reports how many tasks have ended, and lets a worker be killed after a third of them.
func (d *Demo) follow(ctx context.Context) error {
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	reported, isDoomed := uint64(0), false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case what := <-d.doom.killed:
			d.say("%s  %s", d.clock(), what)
		case <-ticker.C:
		}
		info, err := d.engine.Results.Info(ctx)
		if err != nil {
			return err
		}
		ended := info.State.Msgs
		if ended >= reported+tasks/6 || ended == tasks {
			reported = ended
			d.say("%s  %d of %d tasks have ended.", d.clock(), ended, tasks)
		}
		if !isDoomed && ended >= tasks/3 {
			isDoomed = true
			d.doom.armed.Store(true)
		}
		idle, err := d.engine.IsIdle(ctx)
		if err != nil {
			return err
		}
		if idle {
			return nil
		}
	}
}

// clock returns the time since the start.
func (d *Demo) clock() string { return fmt.Sprintf("%4.1f s", time.Since(d.start).Seconds()) }
