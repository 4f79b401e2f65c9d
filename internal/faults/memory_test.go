package faults_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	// mostHeap bounds what is on the heap while something is received.
	mostHeap = 64 << 20
	// mostAllocated bounds what is allocated for each request and connection, garbage
	// included.
	mostAllocated = 16 << 20
)

// TestFaults_Memory measures the heap while servers send without end, or what is larger than
// it looks.
func TestFaults_Memory(t *testing.T) {
	_ = bomb()
	ca := newAuthority()
	for _, f := range slices.Concat(cutFaults, framingFaults, protocolFaults) {
		if !strings.HasPrefix(f.name, "endless") && !strings.Contains(f.name, "bomb") && !strings.Contains(f.name, "EiB") {
			continue
		}
		for _, c := range calls {
			t.Run(f.name+"/"+c.name, func(t *testing.T) {
				base, before := heap()
				peak := base
				f.sending = func() {
					now, _ := heap()
					peak = max(peak, now)
				}
				_, exchanges := meet(t, ca, f, true, c)
				_, after := heap()
				t.Logf("heap %d KiB, allocated %d KiB for each of %d", (peak-base)>>10, (after-before)>>10/exchanges, exchanges)
				require.Less(t, peak-base, uint64(mostHeap))
				require.Less(t, after-before, exchanges*mostAllocated)
			})
		}
	}
}

// heap returns how much is on the heap, without garbage, and how much was allocated so far.
func heap() (size, allocated uint64) {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc, stats.TotalAlloc
}
