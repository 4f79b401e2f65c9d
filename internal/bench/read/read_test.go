package read_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/bench/read"
)

// What others do to this machine changes no number of allocations.
func TestAllocations(t *testing.T) {
	allocs := map[string]float64{}
	for _, way := range ways(t) {
		allocs[way.Name] = testing.AllocsPerRun(200, func() {
			status, err := way.Read(t.Context())
			require.NoError(t, err, way.Name)
			require.Equal(t, "completed", status, way.Name)
		})
	}
	require.LessOrEqual(t, allocs[read.Ours], 1.5*allocs[read.Floor])
	require.Less(t, allocs[read.Ours], allocs[read.Plain])
}

// BenchmarkRead reports the time in floors, measured beside the floor, as "floors".
func BenchmarkRead(b *testing.B) {
	rows, err := read.Measure(b.Context(), 25)
	require.NoError(b, err)
	for i, way := range ways(b) {
		b.Run(way.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := way.Read(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(rows[i].Ratio, "floors")
		})
	}
}

func ways(t testing.TB) []read.Way {
	ways, err := read.Ways()
	require.NoError(t, err)
	return ways
}
