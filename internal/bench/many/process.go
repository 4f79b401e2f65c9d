package many

import (
	"bytes"
	"runtime"
	"runtime/metrics"
	"time"
)

// collectedHeap returns the bytes of heap in use after a garbage collection.
func collectedHeap() uint64 {
	runtime.GC()
	return heap()
}

// heap returns the bytes of heap in use, including garbage.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// watchHeap samples the heap until stop is called, which returns the peak.
func watchHeap() (stop func() uint64) {
	stopped, result := make(chan struct{}), make(chan uint64)
	go func() {
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		peak := heap()
		for {
			select {
			case <-ticker.C:
				peak = max(peak, heap())
			case <-stopped:
				result <- peak
				return
			}
		}
	}()
	return func() uint64 {
		close(stopped)
		return <-result
	}
}

// countGoroutines counts the goroutines with a function of the library on their
// stack, which those of net/http's connections do not have.
func countGoroutines() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := 0
	for stack := range bytes.SplitSeq(stacks, []byte("\n\n")) {
		if bytes.Contains(stack, []byte("github.com/xiexus/xiexus-go.")) {
			n++
		}
	}
	return n
}
