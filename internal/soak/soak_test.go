// Package soak_test runs WaitAll for a long time and checks that nothing is lost, reported
// twice, or kept, and downloads long videos. `make soak` runs it with a million tasks and more
// than 4 GiB.
package soak_test

import (
	"flag"
	"fmt"
	"iter"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var tasks = flag.Int("soak.tasks", 1000, "how many tasks to wait for")

// tally is what became of the tasks.
type tally struct {
	out, lost, duplicated, wrong int
	completed, failed            int
	peak                         uint64 // bytes of heap, with garbage
	goroutines                   int
	descriptors                  int // opened
	requests, faults             int64
	took                         time.Duration // in the bubble
}

func TestSoak(t *testing.T) {
	var table strings.Builder
	fmt.Fprintf(&table, "| batches | tasks | outcomes | lost | duplicated | wrong | completed | failed | requests | faults | peak heap | goroutines | simulated | real |\n")
	fmt.Fprintf(&table, "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, batches := range []bool{true, false} {
		t.Run(fmt.Sprintf("batches=%v", batches), func(t *testing.T) {
			began := time.Now()
			var got tally
			synctest.Test(t, func(t *testing.T) { got = soak(t, batches, *tasks) })
			require.Zero(t, got.lost, "lost")
			require.Zero(t, got.duplicated, "duplicated")
			require.Zero(t, got.wrong, "wrong")
			require.Equal(t, *tasks, got.out)
			require.Equal(t, got.out, got.completed+got.failed)
			require.LessOrEqual(t, got.goroutines, 100)
			require.LessOrEqual(t, got.descriptors, 0, "files and connections")
			fmt.Fprintf(&table, "| %v | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d MiB | %d | %s | %s |\n",
				batches, *tasks, got.out, got.lost, got.duplicated, got.wrong, got.completed, got.failed,
				got.requests, got.faults, got.peak>>20, got.goroutines, got.took.Round(time.Second), time.Since(began).Round(time.Second))
		})
	}
	t.Log("\n" + table.String())
}

// soak waits for n tasks.
func soak(t *testing.T, batches bool, n int) tally {
	t.Helper()
	relay := &relay{began: time.Now(), batches: batches}
	client, err := xiexus.New(xiexus.WithAPIKey("sk-soak-test-key"), xiexus.WithBaseURL("https://relay.example.com"),
		xiexus.WithHTTPClient(&http.Client{Transport: relay}))
	require.NoError(t, err)
	before := openFiles(t)
	seen := make([]byte, n)
	var got tally
	for outcome := range client.WaitAll(t.Context(), ids(n), xiexus.WithConcurrency(64), xiexus.WithMaxWait(0)) {
		got.add(t, relay, outcome, seen)
		if got.out%max(n/100, 1) == 0 {
			got.measure()
		}
	}
	for _, times := range seen {
		if times == 0 {
			got.lost++
		}
	}
	got.requests, got.faults, got.took = relay.requests.Load(), relay.faults.Load(), time.Since(relay.began)
	got.descriptors = openFiles(t) - before
	return got
}

// add counts an outcome.
func (got *tally) add(t *testing.T, relay *relay, outcome xiexus.Outcome, seen []byte) {
	t.Helper()
	var number int
	_, err := fmt.Sscanf(outcome.TaskID, "task_%d", &number)
	require.NoError(t, err)
	got.out++
	if seen[number]++; seen[number] > 1 {
		got.duplicated++
	}
	if outcome.Task == nil || outcome.Task.TaskID != outcome.TaskID || outcome.Task.Status != relay.expected(outcome.TaskID) {
		t.Logf("%s: %v", outcome.TaskID, outcome.Err)
		got.wrong++
		return
	}
	if outcome.Err == nil {
		got.completed++
	} else {
		got.failed++
	}
}

// measure records the heap and the goroutines.
func (got *tally) measure() {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	got.peak = max(got.peak, stats.HeapAlloc)
	got.goroutines = max(got.goroutines, runtime.NumGoroutine())
}

func ids(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(fmt.Sprintf("task_%d", i)) {
				return
			}
		}
	}
}
