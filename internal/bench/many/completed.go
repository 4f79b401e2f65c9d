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

// Completed is what it costs to wait for tasks that are completed at the first poll.
type Completed struct {
	Time time.Duration
	Peak uint64 // bytes of heap at most, including the ids and garbage
}

// MeasureCompleted has WaitAll wait for tasks whose ids are generated, over a
// transport in memory. It stands for a New API relay whose tasks are stored.
func MeasureCompleted(ctx context.Context, tasks int) (Completed, error) {
	completed := xiexustest.Step{Status: gen.VideoTaskStatusCompleted, Progress: 100, URL: "https://cdn.example.com/video.mp4"}
	playback, err := record(xiexustest.Stored, completed)
	if err != nil {
		return Completed{}, err
	}
	client, err := xiexus.New(xiexus.WithAPIKey(key), xiexus.WithBaseURL("https://relay.example.com"),
		xiexus.WithHTTPClient(&http.Client{Transport: playback}))
	if err != nil {
		return Completed{}, err
	}
	before := collectedHeap()
	stopWatching := watchHeap()
	start := time.Now()
	n, err := waitForAll(ctx, client, generate(tasks))
	elapsed := time.Since(start)
	peak := stopWatching()
	switch {
	case err != nil:
		return Completed{}, err
	case n != tasks:
		return Completed{}, fmt.Errorf("%d of %d waits ended", n, tasks)
	}
	return Completed{elapsed, peak - min(before, peak)}, nil
}

// waitForAll returns how many waits have ended, all of them without an error.
func waitForAll(ctx context.Context, client *xiexus.Client, ids iter.Seq[string]) (n int, err error) {
	for outcome := range client.WaitAll(ctx, ids, xiexus.WithConcurrency(Concurrency)) {
		if outcome.Err != nil {
			return n, outcome.Err
		}
		n++
	}
	return n, nil
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
