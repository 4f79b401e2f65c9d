package many_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/bench/many"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// The limits on the heap are far above what the tables show (about 600 and 200 bytes
// per task). They fail when WaitAll keeps responses, or anything else that grows.

func TestMeasureWaiting_WaitsAreSmallAndShareGoroutines(t *testing.T) {
	for _, dialect := range xiexustest.AllDialects() {
		t.Run(string(dialect), func(t *testing.T) {
			got, err := many.MeasureWaiting(t.Context(), many.Playback(dialect), 10_000)
			require.NoError(t, err)
			require.Less(t, got.Bytes, 1000.0)
			require.LessOrEqual(t, got.Goroutines, many.Concurrency+8)
		})
	}
}

func TestMeasureCompleted_HeapGrowsWithTheIDsOnly(t *testing.T) {
	const tasks = 50_000
	got, err := many.MeasureCompleted(t.Context(), tasks)
	require.NoError(t, err)
	require.Less(t, got.Peak, uint64(400*tasks+16<<20)) // 16 MiB of garbage
}
