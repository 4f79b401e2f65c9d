package command

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/status"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/worker"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestStatus_CountsWhatWaitsAndWhatHasEnded(t *testing.T) {
	f := newFleet(t)
	f.relay.Add("task_1", xiexustest.Completes(0, ""))
	f.relay.Add("task_2", xiexustest.Completes(0, ""))
	f.relay.Add("task_3", xiexustest.Fails(0, "no"))
	f.relay.Add("task_4", xiexustest.Completes(time.Hour, ""))
	require.Equal(t, 0, f.run(t.Context(), "submit", "task_1", "task_2", "task_3", "task_4").code)

	before := f.status()
	require.EqualValues(t, 4, before.Waiting.Tasks)
	require.EqualValues(t, 1, before.Waiting.Shards)
	require.False(t, before.Waiting.OldestSince.IsZero())
	require.Zero(t, before.Done.Total())
	require.Empty(t, before.Workers)

	stop := f.work("--worker", "w1", "--rate-limit", "50")
	f.until("three results", func(s status.Status) bool { return s.Done.Total() == 3 && s.Waiting.Tasks == 1 })
	after := f.until("the worker's report", func(s status.Status) bool { return len(s.Workers) == 1 && s.Workers[0].Completed == 2 })
	require.Equal(t, status.Done{Completed: 2, Failed: 1, Kinds: map[string]int64{"completed": 2, "failed": 1}}, after.Done)
	require.Equal(t, "w1", after.Workers[0].Name)
	require.InDelta(t, 50, after.RateLimit, 0)
	require.Zero(t, after.PausedUntil)

	require.Equal(t, 0, stop().code)
	require.Empty(t, f.status().Workers, "a worker that has ended is not alive")
}

// Nothing is counted twice if a task is submitted again.
func TestStatus_CountsEachResultOnce(t *testing.T) {
	f := newFleet(t)
	f.relay.Add("task_1", xiexustest.Completes(0, ""))
	for range 2 {
		require.Equal(t, 0, f.run(t.Context(), "submit", "task_1").code)
		stop := f.work()
		s := f.until("the end", func(s status.Status) bool { return s.Waiting.Shards == 0 && s.Done.Total() > 0 })
		require.EqualValues(t, 1, s.Done.Total())
		stop()
	}
}

func TestStatus_NeedsNoKey(t *testing.T) {
	f := newFleet(t)
	t.Setenv("XIEXUS_API_KEY", "")
	out := f.run(t.Context(), "status")
	require.Equal(t, output{0, "waiting   0 tasks in 0 shards\ndone      0: 0 completed, 0 failed, 0 other\nrequests  0.0 per second\nworkers   0\n", ""}, out)
}

func TestStatus_WatchEndsWithTheContext(t *testing.T) {
	f := newFleet(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	out := f.run(ctx, "status", "--watch", "--interval", "100ms")
	require.Equal(t, 0, out.code, out.stderr)
	require.Contains(t, out.stdout, "workers   0\n\nwaiting   0 tasks")
}

func TestStatus_RejectsInvalidFlags(t *testing.T) {
	f := newFleet(t)
	for _, args := range [][]string{{"-o", "xml"}, {"--interval", "1ms"}, {"extra"}} {
		out := f.run(t.Context(), append([]string{"status"}, args...)...)
		require.Equal(t, exitUsage, out.code, args)
	}
}

func TestStatusText(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := status.Status{
		At:                at,
		Waiting:           status.Waiting{Tasks: 1200, Shards: 3, Requests: 1, OldestSince: at.Add(-90 * time.Second)},
		Done:              status.Done{Completed: 7, Failed: 2, Other: 1},
		Workers:           []worker.Presence{{Name: "w\x1b1", StartedAt: at.Add(-time.Minute), Requests: 40, RequestsPerSecond: 1.25}},
		RequestsPerSecond: 1.25, RateLimit: 20, PausedUntil: at.Add(30 * time.Second),
	}
	require.Equal(t, `waiting    1200 tasks in 3 shards
to create  1 request
oldest     1m30s
done       10: 7 completed, 2 failed, 1 other
requests   1.2 per second, at most 20
paused     for 30s, as the relay has requested
workers    1

WORKER  UP    SHARDS  REQUESTS  PER SECOND  POLLS  ERRORS  COMPLETED  FAILED
w 1     1m0s  0       40        1.2         0      0       0          0
`, string(statusText(s)))
}

func TestRedraw_ReplacesOnTerminal(t *testing.T) {
	var out bytes.Buffer
	r := redraw{out: &out, isTerminal: true}
	require.NoError(t, r.show([]byte("a\nb\n")))
	require.NoError(t, r.show([]byte("c\n")))
	require.NoError(t, r.show([]byte("d\n")))
	require.Equal(t, "a\nb\n\x1b[2A\x1b[Jc\n\x1b[1A\x1b[Jd\n", out.String())
}
