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
	mathrand "math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shared"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/worker"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// take is how many shards a worker polls together: few, so that all workers have some.
const take = 4

// BenchmarkWorkers measures how long workers take to read tasks that are completed, and to
// store their results: in the embedded server, which syncs each message to the disk, and in a
// NATS server with its default settings. The relay responds to each request after 200 ms; a
// worker has 4 requests in flight, each for 100 tasks.
func BenchmarkWorkers(b *testing.B) {
	const tasks = 20_000
	for _, kind := range []string{"store", "nats"} {
		for _, workers := range []int{1, 2, 4} {
			b.Run(fmt.Sprintf("%s/%d", kind, workers), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					f := newFleet(b, configs[kind](b))
					f.latency = 200 * time.Millisecond
					f.add(tasks, func() xiexustest.Script {
						return xiexustest.Completes(0, "https://cdn.example.com/videos/{id}.mp4", xiexustest.Stored)
					})
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
}

// BenchmarkStore measures what tasks take in the store that have not ended, and that have been
// polled twice on average, at least once. They are polled every 40 s: otherwise more
// would be due every 15 s than one machine reads.
func BenchmarkStore(b *testing.B) {
	for _, tasks := range []int{20_000, 200_000} {
		b.Run(strconv.Itoa(tasks), func(b *testing.B) {
			for b.Loop() {
				f := newFleet(b, configs["nats"](b))
				f.schedule = []xiexus.WaitOption{xiexus.WithInterval(40*time.Second, 40*time.Second)}
				f.add(tasks, func() xiexustest.Script { // each began at another time
					script := xiexustest.Completes(time.Hour, "", xiexustest.Stored)
					script.Steps[0].At = mathrand.N(30 * time.Second)
					script.Ticker = xiexustest.Ticker{Interval: 15 * time.Second, First: mathrand.N(15 * time.Second), EveryPoll: true}
					return script
				})
				f.work(1, 16, func() bool { return f.polls.Load() >= 2*int64(tasks) && f.allPolled() })
				cursors, err := f.JS.Stream(b.Context(), "KV_"+f.Cursors.Bucket())
				require.NoError(b, err)
				b.ReportMetric(float64(f.bytes(f.Waits))/float64(tasks), "B/ID")
				b.ReportMetric(float64(f.bytes(cursors))/float64(tasks), "B/cursor")
				b.ReportMetric(float64(f.polls.Load())/float64(tasks), "polls/task")
			}
		})
	}
}

// configs are the engines to measure.
var configs = map[string]func(b *testing.B) engine.Config{
	"store": func(b *testing.B) engine.Config { return engine.Config{Store: b.TempDir()} },
	"nats": func(b *testing.B) engine.Config {
		s, err := server.NewServer(&server.Options{
			Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: b.TempDir(), NoSigs: true, DisableJetStreamBanner: true,
		})
		require.NoError(b, err)
		s.Start()
		b.Cleanup(func() {
			s.Shutdown()
			s.WaitForShutdown()
		})
		require.True(b, s.ReadyForConnections(time.Minute))
		return engine.Config{URLs: s.ClientURL()}
	},
}

// fleet is a store with tasks, and a relay that has them.
type fleet struct {
	*engine.Engine

	b        *testing.B
	config   engine.Config
	relay    *xiexustest.Relay
	latency  time.Duration // of each response of the relay
	schedule []xiexus.WaitOption
	requests atomic.Int64
	polls    atomic.Int64 // of tasks, as far as the workers have reported them
}

func newFleet(b *testing.B, cfg engine.Config) *fleet {
	f := &fleet{b: b, config: cfg, relay: xiexustest.NewRelay(b)}
	f.config.Name, f.config.Logger = "bench", slog.New(slog.DiscardHandler)
	f.relay.DiscardRequests()
	f.Engine = f.open()
	return f
}

// add adds tasks to the relay and to the queue.
func (f *fleet) add(tasks int, script func() xiexustest.Script) {
	builder := shard.Builder{Size: shard.DefaultSize}
	for range tasks {
		id := "task_" + (rand.Text() + rand.Text())[:32] // as long as those of New API
		f.relay.Add(id, script())
		if full, ok := builder.Add(id); ok {
			f.put(full)
		}
	}
	if rest, ok := builder.Rest(); ok {
		f.put(rest)
	}
}

func (f *fleet) open() *engine.Engine {
	e, err := engine.Open(f.b.Context(), f.config)
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
			Name: fmt.Sprintf("w%d", i), ShardSize: shard.DefaultSize, Take: take, Concurrency: concurrency, BatchSize: 100,
			Schedule: f.schedule, Logger: slog.New(slog.DiscardHandler),
		}, e, client, state)
		require.NoError(f.b, err)
		all = append(all, w)
		group.Go(func() { _ = w.Run(ctx) })
	}
	for !isDone() {
		time.Sleep(50 * time.Millisecond)
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

// allPolled reports whether all shards have cursors.
func (f *fleet) allPolled() bool {
	info, err := f.Waits.Info(f.b.Context(), jetstream.WithSubjectFilter(f.Subjects.Wait+">"))
	require.NoError(f.b, err)
	shards := 0
	require.NoError(f.b, f.ScanCursors(f.b.Context(), func(string, engine.CursorsInfo) { shards++ }))
	return shards >= len(info.State.Subjects) // a shard that is being moved has two messages
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
	case <-time.After(s.fleet.latency):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	return s.next.RoundTrip(req)
}
