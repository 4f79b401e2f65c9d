package read

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// Row is what one read costs.
type Row struct {
	Name   string
	Time   time.Duration
	Ratio  float64 // of the time to the floor's
	Bytes  uint64
	Allocs uint64
}

// batch is how many reads are timed together: enough to see the garbage collected.
const batch = 2000

// Measure reads in every way in turn, as often as there are rounds. Machines are
// noisy: times are medians, and ratios are medians of each round's own.
func Measure(ctx context.Context, rounds int) ([]Row, error) {
	ways, err := Ways()
	if err != nil {
		return nil, err
	}
	times := make([][]float64, len(ways))
	ratios := make([][]float64, len(ways))
	rows := make([]Row, len(ways))
	for range rounds {
		for i, way := range ways {
			row, err := measure(ctx, way)
			if err != nil {
				return nil, err
			}
			rows[i] = row
			times[i] = append(times[i], float64(row.Time))
			ratios[i] = append(ratios[i], float64(row.Time)/times[0][len(times[0])-1])
		}
	}
	for i := range rows {
		rows[i].Time = time.Duration(median(times[i]))
		rows[i].Ratio = median(ratios[i])
	}
	return rows, nil
}

func measure(ctx context.Context, way Way) (Row, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	for range batch {
		if status, err := way.Read(ctx); err != nil || status != "completed" {
			return Row{}, fmt.Errorf("%s: %q, %w", way.Name, status, err)
		}
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	return Row{
		Name:   way.Name,
		Time:   took / batch,
		Bytes:  (after.TotalAlloc - before.TotalAlloc) / batch,
		Allocs: (after.Mallocs - before.Mallocs) / batch,
	}, nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
