package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shared"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/worker"
)

// member is a worker that can be killed: then it loses its connection to NATS and its request
// to the relay in the same moment, as a process does that is killed.
type member struct {
	name   string
	worker *worker.Worker
	logger *slog.Logger

	disconnect func()             // from NATS
	stop       context.CancelFunc // run
	dead       atomic.Bool
}

func (d *Demo) newMember(ctx context.Context, name string) (*member, error) {
	e, err := d.open(ctx)
	if err != nil {
		return nil, err
	}
	m := &member{name: name, logger: d.logger, disconnect: sync.OnceFunc(e.Close)}
	state := shared.New(e.State, d.logger)
	client, err := xiexus.New(append(d.relay.Options(),
		xiexus.WithHTTPClient(&http.Client{Transport: killer{m, d.doom, d.relay.HTTPClient().Transport}}),
		xiexus.WithLimiter(state), xiexus.WithLogger(d.logger))...)
	if err == nil {
		m.worker, err = worker.New(worker.Config{
			Name: name, ShardSize: shardSize, Take: 4, Concurrency: 4, BatchSize: 100, Logger: d.logger,
			Schedule: []xiexus.WaitOption{xiexus.WithInterval(time.Second, 2*time.Second)},
		}, e, client, state)
	}
	if err != nil {
		m.disconnect()
		return nil, err
	}
	return m, nil
}

// run works until ctx ends or the member is killed.
func (m *member) run(ctx context.Context) {
	defer m.disconnect()
	ctx, m.stop = context.WithCancel(ctx)
	defer m.stop()
	if err := m.worker.Run(ctx); err != nil {
		m.logger.Error("a worker has ended", "worker", m.name, "error", err)
	}
}

// kill ends the worker as if its process was killed, and returns how many shards it was polling.
func (m *member) kill() int64 {
	m.dead.Store(true)
	shards := m.worker.Presence().Shards
	m.disconnect()
	m.stop()
	return shards
}

// doom kills one worker: the first that sends a request once it is armed.
type doom struct {
	armed  atomic.Bool
	killed chan string // receives a sentence
}

// errKilled is the error of requests of a worker that was killed.
var errKilled = errors.New("the worker was killed")

// killer is the transport of a worker.
type killer struct {
	member *member
	doom   *doom
	next   http.RoundTripper
}

// RoundTrip sends a request, unless the worker is or was killed.
func (k killer) RoundTrip(req *http.Request) (*http.Response, error) {
	if k.doom.armed.CompareAndSwap(true, false) {
		shards := k.member.kill()
		k.doom.killed <- fmt.Sprintf("Killed %s while it was polling. It hands nothing back; NATS redelivers its shards (%d) after %s.",
			k.member.name, shards, ackWait)
	}
	if k.member.dead.Load() {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, errKilled
	}
	return k.next.RoundTrip(req)
}
