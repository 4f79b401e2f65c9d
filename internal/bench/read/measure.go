package read

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"
)

// Row is what one read costs, also as a ratio to the floor.
type Row struct {
	Name        string
	Time        time.Duration
	TimeRatio   float64
	Bytes       uint64
	Allocs      uint64
	AllocsRatio float64
}

// batch is how many reads are timed together: enough to include garbage collection.
const batch = 2000

// Measure times a batch of every way in each round, in random order. Machines are
// noisy: times are medians over the rounds, and ratios of times are medians of the
// ratios within each round.
func Measure(ctx context.Context, rounds int) ([]Row, error) {
	ways, err := Ways()
	if err != nil {
		return nil, err
	}
	last := map[string]Row{}
	times, ratios := map[string][]float64{}, map[string][]float64{}
	for range rounds {
		for _, i := range rand.Perm(len(ways)) {
			if last[ways[i].Name], err = measure(ctx, ways[i]); err != nil {
				return nil, err
			}
		}
		for _, way := range ways {
			row, floor := last[way.Name], last[way.Floor]
			times[way.Name] = append(times[way.Name], float64(row.Time))
			ratios[way.Name] = append(ratios[way.Name], float64(row.Time)/float64(floor.Time))
		}
	}
	rows := make([]Row, len(ways))
	for i, way := range ways {
		rows[i] = last[way.Name]
		rows[i].Time = time.Duration(median(times[way.Name]))
		rows[i].TimeRatio = median(ratios[way.Name])
		rows[i].AllocsRatio = float64(rows[i].Allocs) / float64(last[way.Floor].Allocs)
	}
	return rows, nil
}

// measure times one batch.
func measure(ctx context.Context, way Way) (Row, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	for range batch {
		if status, err := way.Read(ctx); err != nil || status != "completed" {
			return Row{}, fmt.Errorf("%s: status %q, error %w", way.Name, status, err)
		}
	}
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	return Row{
		Name:   way.Name,
		Time:   elapsed / batch,
		Bytes:  (after.TotalAlloc - before.TotalAlloc) / batch,
		Allocs: (after.Mallocs - before.Mallocs) / batch,
	}, nil
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
