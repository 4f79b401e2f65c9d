// Package many measures WaitAll with very many tasks: how fast it polls, and how much
// memory a waiting task takes.
package many

import (
	"context"
	"net/http"
	"runtime"
	"slices"
	"time"

	"github.com/xiexus/xiexus-go"
)

// Concurrency is that of WaitAll, by default, and of the loops that it is compared with.
const Concurrency = 16

// Waiting is what it costs to wait for many tasks at once.
type Waiting struct {
	Polls         float64 // of WaitAll, per second
	BareRatio     float64 // to the reads of a net/http loop that discards the bodies
	DecodingRatio float64 // to the reads of a net/http loop that decodes the bodies
	Bytes         float64 // of heap per waiting task, besides its id
	Goroutines    int     // at most, including the caller's, but not net/http's
}

// chunk is how many tasks are due at once. The loops read half as many.
const chunk = 5000

// MeasureWaiting has WaitAll wait for tasks of a relay on loopback, and poll each with a
// request of its own, as the loops do. WaitAll receives the ids in chunks, and the loops run in between: machines are noisy, and the median
// ratio of adjacent measurements is not.
func MeasureWaiting(ctx context.Context, relay Relay, tasks int) (Waiting, error) {
	ids := newIDs(tasks)
	handler, err := relay.handler(ids)
	if err != nil {
		return Waiting{}, err
	}
	before := collectedHeap() // includes what the relay stores of the tasks
	server := newLoopback(pollOnce(handler))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: Concurrency}}
	defer client.CloseIdleConnections()
	ours, err := xiexus.New(xiexus.WithAPIKey(key), xiexus.WithBaseURL(server.URL), xiexus.WithHTTPClient(client))
	if err != nil {
		return Waiting{}, err
	}
	waiting := startWaitAll(ctx, ours)
	defer waiting.stop()
	result, err := compare(ids, server, waiting, client)

	// Only the waits may be left on the heap. The pause lets the client finish reading
	// the last responses.
	time.Sleep(100 * time.Millisecond)
	server.Close()
	client.CloseIdleConnections()
	result.Bytes = (float64(collectedHeap()) - float64(before)) / float64(tasks)
	runtime.KeepAlive(ids)
	runtime.KeepAlive(handler)
	return result, err
}

// compare runs WaitAll and the loops in turn.
func compare(ids []string, server *loopback, waiting *waitAll, client *http.Client) (Waiting, error) {
	loops := []loop{{client, server.URL, discard}, {client, server.URL, decode}}
	var rates []float64
	ratios := make([][]float64, len(loops))
	goroutines := 0
	for ids := range slices.Chunk(ids, chunk) {
		rate, err := server.pollRate(ids, waiting)
		if err != nil {
			return Waiting{}, err
		}
		rates = append(rates, rate)
		goroutines = max(goroutines, countGoroutines())
		for i, loop := range loops {
			loopRate, err := loop.run(ids[:len(ids)/2])
			if err != nil {
				return Waiting{}, err
			}
			ratios[i] = append(ratios[i], rate/loopRate)
		}
	}
	return Waiting{
		Polls:         median(rates),
		BareRatio:     median(ratios[0]),
		DecodingRatio: median(ratios[1]),
		Goroutines:    goroutines,
	}, nil
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
