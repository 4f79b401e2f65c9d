package read_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/bench/read"
)

func TestWays_ReadACompletedTask(t *testing.T) {
	for _, way := range ways(t) {
		t.Run(way.Name, func(t *testing.T) {
			status, err := way.Read(t.Context())
			require.NoError(t, err)
			require.Equal(t, "completed", status)
		})
	}
}

func TestMeasure_ComparesEachRowWithItsFloor(t *testing.T) {
	rows, err := read.Measure(t.Context(), 1)
	require.NoError(t, err)
	costs := map[string]read.Row{}
	for _, row := range rows {
		costs[row.Name] = row
	}
	for _, way := range ways(t) {
		row, floor := costs[way.Name], costs[way.Floor]
		require.InEpsilon(t, float64(row.Allocs)/float64(floor.Allocs), row.AllocsRatio, 1e-9, way.Name)
		require.InEpsilon(t, float64(row.Time)/float64(floor.Time), row.TimeRatio, 0.01, way.Name)
	}
}

// BenchmarkRead also reports the ratios to the floor of each body shape.
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
			b.ReportMetric(rows[i].TimeRatio, "time/floor")
			b.ReportMetric(rows[i].AllocsRatio, "allocs/floor")
		})
	}
}

func ways(t testing.TB) []read.Way {
	ways, err := read.Ways()
	require.NoError(t, err)
	return ways
}
