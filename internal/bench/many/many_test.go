package many_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/bench/many"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// How fast it asks is for the tables: it would fail on a busy machine.
func TestWaitingTasks(t *testing.T) {
	for _, dialect := range xiexustest.AllDialects() {
		t.Run(string(dialect), func(t *testing.T) {
			got, err := many.Wait(t.Context(), many.Playback(dialect), 10_000)
			require.NoError(t, err)
			require.LessOrEqual(t, got.Bytes, 600.0)
			require.LessOrEqual(t, got.Goroutines, many.Concurrency+8)
		})
	}
}

func TestTheHeapFollowsTheIDs(t *testing.T) {
	const ids = 50_000
	got, err := many.End(t.Context(), ids)
	require.NoError(t, err)
	require.Less(t, got.Peak, uint64(400*ids+16<<20)) // with the garbage of a moment
}
