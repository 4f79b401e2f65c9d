package many

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// Ending is what it costs to wait for tasks that are done when first read.
type Ending struct {
	Tasks int
	Time  time.Duration
	Peak  uint64 // bytes of heap at most, garbage included
}

// End waits for tasks whose ids a generator makes, on a relay in memory.
func End(ctx context.Context, tasks int) (Ending, error) {
	done := xiexustest.Step{Status: gen.VideoTaskStatusCompleted, Progress: 100, URL: "https://cdn.example.com/video.mp4"}
	playback, err := record(xiexustest.Stored, done)
	if err != nil {
		return Ending{}, err
	}
	client, err := xiexus.New(xiexus.WithAPIKey(key), xiexus.WithBaseURL("https://relay.example.com"),
		xiexus.WithHTTPClient(&http.Client{Transport: playback}))
	if err != nil {
		return Ending{}, err
	}
	idle := heap()
	peak := watchHeap()
	start := time.Now()
	ended := 0
	for outcome := range client.WaitAll(ctx, generate(tasks), xiexus.WithConcurrency(Concurrency)) {
		if outcome.Err != nil {
			return Ending{}, outcome.Err
		}
		ended++
	}
	took := time.Since(start)
	most := peak()
	if ended != tasks {
		return Ending{}, fmt.Errorf("%d of %d tasks ended", ended, tasks)
	}
	return Ending{tasks, took, most - idle}, nil
}

func generate(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(newID(i)) {
				return
			}
		}
	}
}
