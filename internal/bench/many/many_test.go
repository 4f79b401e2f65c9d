package many_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/bench/many"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// The limits on the heap are far above what the tables show, about 600 and 700 bytes
// per task. They fail when WaitAll keeps responses.

func TestMeasureWaiting_WaitsAreSmallAndShareGoroutines(t *testing.T) {
	for _, dialect := range xiexustest.AllDialects() {
		t.Run(string(dialect), func(t *testing.T) {
			got, err := many.MeasureWaiting(t.Context(), many.Playback(dialect), 10_000)
			require.NoError(t, err)
			require.Less(t, got.Bytes, 800.0)
			require.LessOrEqual(t, got.Goroutines, many.Concurrency+8)
		})
	}
}

func TestMeasureCompleted_OutcomesAreReleased(t *testing.T) {
	const tasks = 50_000
	got, err := many.MeasureCompleted(t.Context(), tasks)
	require.NoError(t, err)
	require.Less(t, got.Peak, uint64(1000*tasks))
}
