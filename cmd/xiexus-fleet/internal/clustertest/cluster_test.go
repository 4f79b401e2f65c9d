//go:build unix

// Package clustertest tests a fleet as it runs in production: servers and workers are
// processes, and some are killed.
package clustertest

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/xiexustest"
)

var tasks = flag.Int("fleet.tasks", 2000, "how many tasks TestCluster waits for")

// settings are those of a single process and of the fleet alike. A small run has small
// batches, so that it sends enough requests to compare.
type settings struct {
	tasks, batch, shard int
	longest             time.Duration // that a task takes
}

func settingsFor(tasks int) settings {
	if tasks < 10_000 {
		return settings{tasks, 20, 100, 35 * time.Second}
	}
	return settings{tasks, 100, 500, 2 * time.Minute}
}

func (s settings) ids(yield func(string) bool) {
	for i := range s.tasks {
		if !yield(taskID(i)) {
			return
		}
	}
}

// A worker and a server are killed while results are stored: no task is lost, none has two
// results, and the fleet sends hardly more requests than a single process.
func TestCluster(t *testing.T) {
	s := settingsFor(*tasks)
	single := make(chan int64, 1)
	go func() { single <- waitAlone(t, s) }()

	relay := startRelay(t, s.tasks, s.longest)
	cluster := startCluster(t)
	env := []string{xiexus.EnvAPIKey + "=" + xiexustest.DefaultAPIKey, xiexus.EnvBaseURL + "=" + relay.URL}
	submit := start(t, "command", nil, "submit", "--nats", cluster.urls, "--shard", strconv.Itoa(s.shard), "-")
	submit.Stdin = strings.NewReader(allIDs(s))
	<-submit.run(t).exited
	require.Equal(t, 0, submit.ProcessState.ExitCode(), submit.stderr.String())
	var workers []*process
	for i := range 3 {
		workers = append(workers, start(t, "command", env, "work", "--nats", cluster.urls,
			"--worker", fmt.Sprintf("w%d", i+1), "--batch", strconv.Itoa(s.batch), "--concurrency", "8").run(t))
	}

	results := start(t, "command", nil, "results", "--nats", cluster.urls)
	lines, err := results.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, results.Start())
	count := map[string]int{}
	scanner := bufio.NewScanner(lines)
	for n := 1; scanner.Scan(); n++ {
		result, err := outcome.Decode(scanner.Bytes())
		require.NoError(t, err)
		count[result.TaskID]++
		if n == s.tasks/10 {
			kill(t, cluster, workers, result.Worker)
		}
	}
	_ = results.Wait()
	close(results.exited)
	require.Equal(t, 3, results.ProcessState.ExitCode(), "some tasks have failed: %s", results.stderr.String())

	lost, twice := 0, 0
	for id := range s.ids {
		switch n := count[id]; {
		case n == 0:
			lost++
		case n > 1:
			twice++
		}
	}
	alone, together := <-single, relay.requests.Load()
	t.Logf("%d tasks: %d requests of a single process, %d of the fleet: %.3f times as many", s.tasks, alone, together, float64(together)/float64(alone))
	require.Zero(t, lost, "lost")
	require.Zero(t, twice, "duplicated results")
	require.Len(t, count, s.tasks)
	require.LessOrEqual(t, float64(together), 1.1*float64(alone))
}

// kill kills the worker with a name, and the server that delivers the results.
func kill(t *testing.T, cluster *cluster, workers []*process, name string) {
	e, err := engine.Open(t.Context(), engine.Config{URLs: cluster.urls, Name: "xiexus", Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer e.Close()
	readers := e.Results.ListConsumers(t.Context())
	reader := <-readers.Info()
	require.NoError(t, readers.Err())
	t.Logf("killing worker %s and server %s", name, reader.Cluster.Leader)
	for _, w := range workers {
		if strings.Contains(strings.Join(w.Args, " "), name) {
			w.kill()
		}
	}
	cluster.nodes[reader.Cluster.Leader].kill()
}

// waitAlone waits for all tasks in a single process, and returns how many requests that took.
func waitAlone(t *testing.T, s settings) int64 {
	relay := startRelay(t, s.tasks, s.longest)
	client, err := xiexus.New(xiexus.WithAPIKey(xiexustest.DefaultAPIKey), xiexus.WithBaseURL(relay.URL))
	if err != nil {
		t.Error(err)
		return 0
	}
	ended := 0
	for range client.WaitAll(context.WithoutCancel(t.Context()), s.ids, xiexus.WithBatchSize(s.batch)) {
		ended++
	}
	if ended != s.tasks {
		t.Errorf("%d of %d tasks ended in a single process", ended, s.tasks)
	}
	return relay.requests.Load()
}

func allIDs(s settings) string {
	var ids strings.Builder
	for id := range s.ids {
		ids.WriteString(id + "\n")
	}
	return ids.String()
}
