// Package many measures WaitAll with very many tasks: how fast it asks, and what
// a waiting task costs.
package many

import (
	"context"
	"net/http"
	"runtime"
	"slices"
	"time"

	"github.com/xiexus/xiexus-go"
)

// Concurrency is that of WaitAll and of the loops beside it.
const Concurrency = 16

// Waiting is what many tasks cost that wait at once.
type Waiting struct {
	Reads      float64 // of WaitAll, a second
	OfBare     float64 // of those of a net/http loop that throws the answers away
	OfDecoding float64 // of those of one that decodes them
	Bytes      float64 // of heap for each waiting task, beside its id
	Goroutines int     // at most, the caller's own included, net/http's not
}

// slice is how many tasks fall due at once. The loops read half as many.
const slice = 5000

// Wait lets WaitAll wait for tasks of a relay on loopback. It hands them over a
// slice at a time, and lets the loops read in between: machines are noisy, and
// the median of what neighbours tell is not.
func Wait(ctx context.Context, relay Relay, tasks int) (Waiting, error) {
	ids := newIDs(tasks)
	handler, err := relay.handler(ids)
	if err != nil {
		return Waiting{}, err
	}
	idle := heap() // with what the relay knows of the tasks
	server := newLoopback(handler)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: Concurrency}}
	defer client.CloseIdleConnections()
	ours, err := xiexus.New(xiexus.WithAPIKey(key), xiexus.WithBaseURL(server.URL), xiexus.WithHTTPClient(client))
	if err != nil {
		return Waiting{}, err
	}
	waiting := waitForAll(ctx, ours)
	defer waiting.stop()
	result, err := compare(ids, server, waiting, client)

	// Only what waits shall be left on the heap. The pause is for the last answers
	// to be taken in.
	time.Sleep(100 * time.Millisecond)
	server.Close()
	client.CloseIdleConnections()
	result.Bytes = (float64(heap()) - float64(idle)) / float64(tasks)
	runtime.KeepAlive(ids)
	runtime.KeepAlive(handler)
	return result, err
}

// compare lets WaitAll and the loops read in turn.
func compare(ids []string, server *loopback, waiting *waitAll, client *http.Client) (Waiting, error) {
	loops := []loop{{client, server.URL, discard}, {client, server.URL, decode}}
	var rates []float64
	ratios := make([][]float64, len(loops))
	most := 0
	for ids := range slices.Chunk(ids, slice) {
		rate, err := server.timeReads(ids, waiting)
		if err != nil {
			return Waiting{}, err
		}
		rates = append(rates, rate)
		most = max(most, goroutines())
		for i, loop := range loops {
			other, err := loop.run(ids[:len(ids)/2])
			if err != nil {
				return Waiting{}, err
			}
			ratios[i] = append(ratios[i], rate/other)
		}
	}
	return Waiting{Reads: median(rates), OfBare: median(ratios[0]), OfDecoding: median(ratios[1]), Goroutines: most}, nil
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
