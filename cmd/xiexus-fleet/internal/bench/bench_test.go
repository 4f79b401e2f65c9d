// Package bench measures a fleet: how many tasks it reads with some workers, and what a task
// that is waited for takes in the store. Run it with
//
//	go test -run '^$' -bench . -benchtime 1x ./internal/bench
//
// The relay, the NATS server and the workers share the processors of one machine.
package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shared"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/worker"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// latency is how long the relay takes for each response.
const latency = 200 * time.Millisecond

// BenchmarkWorkers measures how long workers take to read tasks that are completed, and to store
// their results. The relay responds to each request after 200 ms; a worker has 4 requests in
// flight, each for 100 tasks.
func BenchmarkWorkers(b *testing.B) {
	const tasks = 20_000
	for _, workers := range []int{1, 2, 4} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				f := newFleet(b, tasks, xiexustest.Completes(0, "https://cdn.example.com/videos/{id}.mp4", xiexustest.Stored))
				b.StartTimer()
				started := time.Now()
				f.work(workers, 4, f.isIdle)
				seconds := time.Since(started).Seconds()
				b.ReportMetric(tasks/seconds, "tasks/s")
				b.ReportMetric(float64(f.requests.Load())/seconds, "requests/s")
				b.ReportMetric(float64(f.requests.Load()), "requests")
				b.ReportMetric(float64(f.bytes(f.Results))/tasks, "B/result")
			}
		})
	}
}

// BenchmarkStore measures what tasks that have been polled twice, and have not ended, take in
// the store.
func BenchmarkStore(b *testing.B) {
	for _, tasks := range []int{20_000, 200_000} {
		b.Run(fmt.Sprint(tasks), func(b *testing.B) {
			for b.Loop() {
				script := xiexustest.Completes(time.Hour, "", xiexustest.Stored)
				script.Ticker = xiexustest.Ticker{Interval: 15 * time.Second, First: 15 * time.Second}
				f := newFleet(b, tasks, script)
				f.work(1, 16, func() bool { return f.polls.Load() >= 2*int64(tasks) })
				cursors, err := f.JS.Stream(b.Context(), "KV_"+f.Cursors.Bucket())
				require.NoError(b, err)
				ids, rest := f.bytes(f.Waits), f.bytes(cursors)
				b.ReportMetric(float64(ids)/float64(tasks), "B/ID")
				b.ReportMetric(float64(rest)/float64(tasks), "B/cursor")
				b.ReportMetric(float64(f.requests.Load()), "requests")
			}
		})
	}
}

// fleet is a store with tasks, and a relay that has them.
type fleet struct {
	*engine.Engine

	b        *testing.B
	dir      string
	relay    *xiexustest.Relay
	requests atomic.Int64
	polls    atomic.Int64 // of tasks, as far as the workers have reported them
}

func newFleet(b *testing.B, tasks int, script xiexustest.Script) *fleet {
	f := &fleet{b: b, dir: b.TempDir(), relay: xiexustest.NewRelay(b)}
	f.relay.DiscardRequests()
	f.Engine = f.open()
	builder := shard.Builder{Size: shard.DefaultSize}
	for range tasks {
		id := "task_" + (rand.Text() + rand.Text())[:32] // as long as those of New API
		f.relay.Add(id, script)
		if full, ok := builder.Add(id); ok {
			f.put(full)
		}
	}
	if rest, ok := builder.Rest(); ok {
		f.put(rest)
	}
	return f
}

func (f *fleet) open() *engine.Engine {
	e, err := engine.Open(f.b.Context(), engine.Config{Store: f.dir, Name: "bench", Logger: slog.New(slog.DiscardHandler)})
	require.NoError(f.b, err)
	f.b.Cleanup(e.Close)
	return e
}

func (f *fleet) put(s shard.Shard) {
	data, err := s.Encode()
	require.NoError(f.b, err)
	_, err = f.JS.Publish(f.b.Context(), s.Subject(f.Subjects.Wait), data, jetstream.WithMsgID(s.ID))
	require.NoError(f.b, err)
}

// work runs workers until a condition is met.
func (f *fleet) work(workers, concurrency int, isDone func() bool) {
	ctx, cancel := context.WithCancel(f.b.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	var all []*worker.Worker
	for i := range workers {
		e := f.open()
		state := shared.New(e.State, slog.New(slog.DiscardHandler))
		client, err := xiexus.New(append(f.relay.Options(), xiexus.WithLimiter(state),
			xiexus.WithHTTPClient(&http.Client{Transport: slow{f, f.relay.HTTPClient().Transport}}))...)
		require.NoError(f.b, err)
		w, err := worker.New(worker.Config{
			Name: fmt.Sprintf("w%d", i), ShardSize: shard.DefaultSize, Take: 16, Concurrency: concurrency, BatchSize: 100,
			Logger: slog.New(slog.DiscardHandler),
		}, e, client, state)
		require.NoError(f.b, err)
		all = append(all, w)
		group.Go(func() { _ = w.Run(ctx) })
	}
	for !isDone() {
		time.Sleep(20 * time.Millisecond)
		var polls int64
		for _, w := range all {
			polls += w.Presence().Polls
		}
		f.polls.Store(polls)
	}
}

func (f *fleet) isIdle() bool {
	idle, err := f.IsIdle(f.b.Context())
	require.NoError(f.b, err)
	return idle
}

// bytes is what a stream takes, as the server reports it.
func (f *fleet) bytes(stream jetstream.Stream) uint64 {
	info, err := stream.Info(f.b.Context())
	require.NoError(f.b, err)
	return info.State.Bytes
}

// slow is a transport that counts requests and delays them.
type slow struct {
	fleet *fleet
	next  http.RoundTripper
}

func (s slow) RoundTrip(req *http.Request) (*http.Response, error) {
	s.fleet.requests.Add(1)
	select {
	case <-time.After(latency):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	return s.next.RoundTrip(req)
}
