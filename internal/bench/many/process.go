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

// watch samples the heap and the goroutines until stop is called, which returns the peaks.
func watch() (stop func() (peak uint64, goroutines int)) {
	const stackEvery = 40 // samples: it stops the program
	stopped, done := make(chan struct{}), make(chan struct{})
	peak, goroutines := heap(), 0
	go func() {
		defer close(done)
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for n := 0; ; n++ {
			peak = max(peak, heap())
			if n%stackEvery == 0 {
				goroutines = max(goroutines, countGoroutines())
			}
			select {
			case <-ticker.C:
			case <-stopped:
				return
			}
		}
	}()
	return func() (uint64, int) {
		close(stopped)
		<-done
		return peak, goroutines
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
