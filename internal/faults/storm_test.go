package faults_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// TestFaults_Storm waits for many tasks while the relay rejects each request for ten minutes.
// Each task has one outcome, and the number of requests does not depend on that of
// the tasks.
func TestFaults_Storm(t *testing.T) {
	const (
		tasks = 400
		storm = 10 * time.Minute
		// The default concurrency, each 20 s, which the relay requests or the schedule takes.
		most = 16 * (1 + int(storm/(20*time.Second)))
	)
	storms := []struct {
		name      string
		fault     fault
		batchSize int
	}{
		{"429, Retry-After", pause(http.StatusTooManyRequests, 20*time.Second, "Retry-After", "20"), 100},
		{"429, Retry-After, no batches", pause(http.StatusTooManyRequests, 20*time.Second, "Retry-After", "20"), 1},
		{"429, no Retry-After", pause(http.StatusTooManyRequests, 0), 100},
		{"503, Retry-After", pause(http.StatusServiceUnavailable, 0, "Retry-After", "20"), 100},
		{"503, no Retry-After", pause(http.StatusServiceUnavailable, 0), 100},
	}
	ca := newAuthority()
	for _, test := range storms {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, ca, test.fault, true)
				defer w.close()
				ids := w.addTasks(tasks, taskTime)
				over := time.AfterFunc(storm, w.proxy.end)
				defer over.Stop()
				began := time.Now()
				text := w.collect(w.client.WaitAll(t.Context(), slices.Values(ids), xiexus.WithBatchSize(test.batchSize)), ids)
				require.Equal(t, "ok", text)
				require.GreaterOrEqual(t, time.Since(began), storm)
				counted := w.proxy.counted()
				t.Logf("%d requests, %d of them rejected", counted.reads, counted.rejections)
				require.LessOrEqual(t, counted.rejections, most)
			})
		})
	}
}
