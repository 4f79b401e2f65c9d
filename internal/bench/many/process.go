package many

import (
	"bytes"
	"runtime"
	"runtime/metrics"
	"time"
)

// heap is what is in use after a collection.
func heap() uint64 {
	runtime.GC()
	return heapNow()
}

func heapNow() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// watchHeap looks at the heap until the function that it returns is called,
// which tells the most that was seen, with the garbage of that moment.
func watchHeap() (most func() uint64) {
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		most := heapNow()
		for {
			select {
			case <-tick.C:
				most = max(most, heapNow())
			case <-stop:
				peak <- most
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-peak
	}
}

// goroutines counts those with a function of the library on their stack: the
// connections of net/http have goroutines of their own.
func goroutines() int {
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
