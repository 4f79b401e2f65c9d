package faults_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// storeFault is one way in which a NATS server, or the connection of a worker to it, can be wrong
// for a while.
type storeFault struct {
	name string
	// begin lets the fault happen, while the worker polls tasks and waits for the responses to create
	// requests.
	begin func(ctx context.Context, c *storeCell) error
	// end ends it, when the worker has noticed.
	end func(ctx context.Context, c *storeCell) error
	// log is what the worker logs when it notices. It is empty if it need not.
	log string
}

const (
	lostConnection = "lost the connection to NATS; reconnecting"
	notStored      = "cannot store a message yet; trying again"
)

// onLink changes the link of the worker.
func onLink(change func(l *link)) func(context.Context, *storeCell) error {
	return func(_ context.Context, c *storeCell) error {
		c.link.set(change)
		return nil
	}
}

// limit sets how many messages a stream may have: as many as it has if most is zero.
func limit(streamOf func(f *fleet) jetstream.Stream, most int64) func(context.Context, *storeCell) error {
	return func(ctx context.Context, c *storeCell) error {
		info, err := streamOf(c.fleet).Info(ctx)
		if err != nil {
			return err
		}
		info.Config.MaxMsgs = cmp.Or(most, max(int64(info.State.Msgs), 1))
		_, err = c.fleet.engine.JS.UpdateStream(ctx, info.Config)
		return err
	}
}

func waits(f *fleet) jetstream.Stream   { return f.engine.Waits }
func results(f *fleet) jetstream.Stream { return f.engine.Results }

func mend(l *link) { l.isDown, l.isSilent, l.delay = false, false, 0 }

var storeFaults = []storeFault{
	{name: "connection lost for a while", begin: onLink(func(l *link) { l.isDown = true }), end: onLink(mend), log: lostConnection},
	{name: "connection silent for a while", begin: onLink(func(l *link) { l.isSilent = true }), end: onLink(mend), log: lostConnection},
	{name: "connections that end in the middle", begin: onLink(func(l *link) { l.chops, l.isDown = 5, true }), end: onLink(mend), log: lostConnection},
	{name: "slow connection", begin: onLink(func(l *link) { l.delay = 50 * time.Millisecond }), end: onLink(func(*link) {})},
	{name: "server restarted", begin: func(_ context.Context, c *storeCell) error {
		stopServer(c.server)
		return nil
	}, end: func(_ context.Context, c *storeCell) (err error) {
		c.server, err = runServer(c.dir, c.port)
		return err
	}, log: lostConnection},
	{name: "queue of tasks full for a while", begin: limit(waits, 0), end: limit(waits, engine.MaxShards), log: notStored},
	{name: "no room for results for a while", begin: limit(results, 0), end: limit(results, engine.MaxResults), log: notStored},
}

// storeCell is what becomes of the work of one fleet whose NATS server fails for a while.
type storeCell struct {
	fault    storeFault
	requests string // a file with create requests
	dir      string // of the server

	fleet  *fleet // without the link
	server *server.Server
	port   int
	link   *link
	relay  *xiexustest.Relay
	sent   atomic.Int32  // create requests
	begun  chan struct{} // closed when the fault has begun: only then the relay responds to them
	logs   string        // of the worker
	text   string        // the outcome
}

const (
	storedTasks    = 60
	storedRequests = 3
	storedTime     = 4 * time.Second // that tasks take
)

func (c *storeCell) run(ctx context.Context) (err error) {
	if c.server, err = runServer(c.dir, server.RANDOM_PORT); err != nil {
		return err
	}
	defer func() { stopServer(c.server) }()
	address := c.server.Addr().String()
	_, _ = fmt.Sscanf(address, "127.0.0.1:%d", &c.port)
	if c.link, err = newLink(address); err != nil {
		return err
	}
	defer c.link.close()
	c.fleet = &fleet{urls: c.server.ClientURL(), name: "fleet", turns: newTurns()}
	if err := c.fleet.open(ctx); err != nil {
		return err
	}
	defer c.fleet.engine.Close()
	c.relay = xiexustest.StartRelay(xiexustest.WithAPIKey(apiKey))
	defer c.relay.Close()
	c.begun = make(chan struct{})
	proxy, err := newProxy(http.HandlerFunc(c.serve), fault{}, 0, nil)
	if err != nil {
		return err
	}
	defer proxy.close()
	begin := sync.OnceFunc(func() { close(c.begun) })
	defer begin()
	return c.meet(ctx, proxy, begin)
}

func (c *storeCell) serve(w http.ResponseWriter, req *http.Request) {
	if req.Method == http.MethodPost && req.URL.Path == "/v1/video/generations" {
		c.sent.Add(1)
		<-c.begun
	}
	c.relay.ServeHTTP(w, req)
}

// meet submits work, lets the fault happen when the worker is at work, and waits for all results.
func (c *storeCell) meet(ctx context.Context, proxy *proxy, begin func()) error {
	ids := make([]string, storedTasks)
	for i := range ids {
		ids[i] = fmt.Sprintf("task_%02d", i)
		c.relay.Add(ids[i], xiexustest.Completes(storedTime, video))
	}
	err := errors.Join(
		c.fleet.submit(ctx, append([]string{"--shard", "10"}, ids...)...),
		c.fleet.submit(ctx, "--requests", c.requests))
	if err != nil {
		return err
	}
	behindLink := &fleet{urls: c.link.url(), name: c.fleet.name}
	worker := behindLink.work(ctx, "--interval", "1s", "--base-url", "http://"+proxy.address)
	err = inOrder(
		func() error {
			return until(ctx, "the worker is at work", func() (bool, error) {
				return c.sent.Load() == storedRequests && proxy.count() > storedRequests, nil
			})
		},
		func() error { return c.fault.begin(ctx, c) },
		func() error { begin(); return nil },
		func() error {
			return until(ctx, "the worker has noticed", func() (bool, error) { return strings.Contains(worker.stderr.String(), c.fault.log), nil })
		},
		func() error { return c.fault.end(ctx, c) },
		func() error {
			return until(ctx, "the queues are empty", func() (bool, error) { return c.fleet.engine.IsIdle(ctx) })
		})
	err = errors.Join(err, worker.stop())
	c.logs = worker.stderr.String()
	if err == nil {
		c.text, err = c.outcome(ctx, ids)
	}
	return err
}

// inOrder calls functions until one fails.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// outcome returns the kinds of results, and an error unless each task has one.
func (c *storeCell) outcome(ctx context.Context, ids []string) (string, error) {
	all, err := c.fleet.results(ctx)
	if err != nil {
		return "", err
	}
	created := c.relay.Created()
	if len(created) != storedRequests {
		return "", fmt.Errorf("%d create requests have created %d tasks", storedRequests, len(created))
	}
	want := slices.Sorted(slices.Values(append(created, ids...)))
	got := make([]string, len(all))
	for i, r := range all {
		got[i] = r.TaskID
	}
	slices.Sort(got)
	if !slices.Equal(want, got) {
		return "", fmt.Errorf("results of %q instead of %q", got, want)
	}
	return kindsOf(all), nil
}
