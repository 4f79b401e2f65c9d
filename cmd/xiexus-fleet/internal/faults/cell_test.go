package faults_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// cell is what becomes of the work of one fleet whose worker meets one fault at the relay. The work
// is one create request, or some tasks.
type cell struct {
	fleet    *fleet
	fault    fault
	always   bool // the fault happens to each request, not only to the first
	config   *tls.Config
	requests string // the file with the create request, or empty

	relay *xiexustest.Relay
	proxy *proxy
	text  string   // the outcome
	logs  []string // of the workers
}

const (
	tasks = 3
	video = "https://cdn.example.com/v.mp4"
)

// run submits the work, lets a worker meet the fault, and finds out what becomes of the work. If it
// is still queued then, another worker finishes it without the fault: nothing may be lost.
func (c *cell) run(ctx context.Context) (err error) {
	if err := c.fleet.open(ctx); err != nil {
		return err
	}
	defer c.fleet.engine.Close()
	c.relay = xiexustest.StartRelay(xiexustest.WithAPIKey(apiKey))
	defer c.relay.Close()
	times := 1
	if c.always {
		times = forever
	}
	if c.proxy, err = newProxy(c.relay, c.fault, times, c.config); err != nil {
		return err
	}
	defer c.proxy.close()
	if err := c.submit(ctx); err != nil {
		return err
	}
	if err := c.meet(ctx); err != nil {
		return err
	}
	if !strings.HasPrefix(c.text, queued) || c.fault.pauses {
		return nil
	}
	return c.finish(ctx)
}

func (c *cell) submit(ctx context.Context) error {
	var args []string
	if c.requests != "" {
		args = []string{"--requests", c.requests}
	} else {
		for i := range tasks {
			id := fmt.Sprint("task_", i)
			c.relay.Add(id, xiexustest.Completes(c.fault.taskTime, video, xiexustest.AllDialects()...))
			args = append(args, id)
		}
	}
	return c.fleet.submit(ctx, args...)
}

// meet lets a worker meet the fault until the work has ended, or until it has said why not, and
// interrupts it then.
func (c *cell) meet(ctx context.Context) error {
	scheme := "http://"
	if c.fault.tls != nil {
		scheme = "https://"
	}
	args := []string{"--interval", "1s", "--base-url", scheme + c.proxy.address}
	if c.fault.hangs {
		args = append(args, "--timeout", "2s")
	}
	waits := c.always || c.fault.pauses
	reasons := 2 // it has tried again
	if c.requests != "" || c.fault.pauses {
		reasons = 1
	}
	worker := c.fleet.work(ctx, args...)
	err := until(ctx, "the work has ended, or the worker says why not", func() (bool, error) {
		if worker.hasEnded() || waits && !c.fault.ends && worker.reasons() >= reasons {
			return true, nil
		}
		return c.isEnded(ctx)
	})
	err = errors.Join(err, worker.stop())
	c.logs = append(c.logs, worker.stderr.String())
	if err == nil {
		c.text, err = c.outcome(ctx)
	}
	if worker.code != 0 {
		c.text += fmt.Sprintf(", exit code %d", worker.code)
	}
	if n := c.proxy.count(); err == nil && c.fault.pauses && n != 1 {
		err = fmt.Errorf("the relay has requested a pause, and received %d requests", n)
	}
	return err
}

// finish lets another worker finish without the fault.
func (c *cell) finish(ctx context.Context) error {
	if err := c.proxy.heal(); err != nil {
		return err
	}
	worker := c.fleet.work(ctx, "--interval", "1s", "--base-url", "http://"+c.proxy.address, "--other-base-url")
	err := until(ctx, "the work has ended without the fault", func() (bool, error) { return c.isEnded(ctx) })
	err = errors.Join(err, worker.stop())
	c.logs = append(c.logs, worker.stderr.String())
	if err != nil {
		return err
	}
	text, err := c.outcome(ctx)
	if err == nil && (worker.code != 0 || text != c.right()) {
		err = fmt.Errorf("%s, exit code %d, without the fault", text, worker.code)
	}
	return err
}

// isEnded reports whether the work has left its queue.
func (c *cell) isEnded(ctx context.Context) (bool, error) {
	shards, requests, err := c.fleet.waiting(ctx)
	return requests == 0 && (c.requests != "" || shards == 0), err
}

// The outcomes without an error.
const (
	queued  = "queued"
	created = "created"
)

func (c *cell) right() string {
	if c.requests != "" {
		return created
	}
	return outcome.KindCompleted
}

// outcome returns what has become of the work, and an error if anything is lost or was done twice.
func (c *cell) outcome(ctx context.Context) (string, error) {
	results, err := c.fleet.results(ctx)
	if err != nil {
		return "", err
	}
	shards, requests, err := c.fleet.waiting(ctx)
	if err != nil {
		return "", err
	}
	paid, want := len(c.relay.Created()), tasks
	if c.requests != "" {
		want = 1
	}
	switch {
	case paid > 1:
		return "", fmt.Errorf("the relay has created %d tasks", paid)
	case len(results) == want:
		return kindsOf(results), nil
	case len(results) > 0:
		return "", fmt.Errorf("%d results instead of %d", len(results), want)
	case c.requests != "" && requests == 1 && paid == 0, c.requests == "" && shards > 0:
		return queued, nil
	case c.requests != "" && requests == 0 && paid == 1 && shards == 1:
		return created, nil
	}
	return "", fmt.Errorf("lost: there are %d tasks, and %d shards and %d create requests are queued", paid, shards, requests)
}

// kindsOf returns the kinds of results, in order and each once.
func kindsOf(results []outcome.Result) string {
	var kinds []string
	for _, r := range results {
		kinds = append(kinds, cmp.Or(r.Kind(), "?"))
	}
	slices.Sort(kinds)
	return strings.Join(slices.Compact(kinds), ", ")
}
