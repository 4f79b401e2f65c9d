package lag_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/bench/lag"
)

// The times in these tests are simulated.

const tasks = 2000

// limits are what a schedule may cost. A zero limits nothing.
type limits struct {
	requests, product float64
	ofBestFixed       float64 // the product, as a share of that of the best fixed delay
	lag, p95          time.Duration
	destroyed         float64 // as a share of those of the peer that destroys the fewest
}

func TestSimulate_OurScheduleKeepsItsLimits(t *testing.T) {
	tests := []struct {
		world, row string
		limits     limits
	}{
		{"A", "xiexus-go", limits{product: 12, p95: 3 * time.Second}},
		{"B", "xiexus-go", limits{product: 12, p95: 3 * time.Second}},
		{"C", "xiexus-go", limits{product: 14}},
		{"D", "xiexus-go", limits{requests: 12, ofBestFixed: 1.1}},
		{"D", "xiexus-go, no batches", limits{requests: 12, ofBestFixed: 1.1}},
		{"E", "xiexus-go", limits{ofBestFixed: 0.5, destroyed: 0.1}},
		{"E", "xiexus-go, no batches", limits{ofBestFixed: 0.95, destroyed: 0.1}},
		{"F", "xiexus-go", limits{requests: 0.3, lag: 3 * time.Second}},
	}
	worlds := lag.Simulate(tasks)
	for _, test := range tests {
		t.Run(test.world+": "+test.row, func(t *testing.T) {
			rows := rowsOf(t, worlds, test.world)
			row, limits := rows[test.row], test.limits
			for name, value := range map[string][2]float64{
				"requests":      {row.Requests, limits.requests},
				"product":       {row.Product(), limits.product},
				"of best fixed": {row.Product() / bestFixed(rows), limits.ofBestFixed},
				"lag":           {row.Lag.Seconds(), limits.lag.Seconds()},
				"p95":           {row.P95.Seconds(), limits.p95.Seconds()},
				"destroyed":     {row.Destroyed / fewestDestroyed(rows), limits.destroyed},
			} {
				if limit := value[1]; limit != 0 && value[0] > limit {
					t.Errorf("%s: %.2f, want at most %.2f", name, value[0], limit)
				}
			}
		})
	}
}

func TestSimulate_WorldsBehaveAsDescribed(t *testing.T) {
	for _, world := range lag.Simulate(500) {
		t.Run(world.Name, func(t *testing.T) {
			rows := rowsOf(t, []lag.World{world}, world.Name)
			// A fixed delay, long or short, costs about half of the time that the relay
			// takes for a task.
			require.Greater(t, bestFixed(rows), 55.0)
			require.Less(t, bestFixed(rows), 100.0)
			// Only reads of realtime tasks destroy tasks.
			for _, row := range world.Rows {
				require.Equal(t, world.Name == "E" && !row.Ours, row.Destroyed > 0, row.Name)
			}
			if world.Name == "D2" || world.Name == "F" { // many tasks at once
				require.Less(t, rows["xiexus-go"].Requests, rows["xiexus-go, no batches"].Requests/2)
			}
		})
	}
}

func TestSimulate_IsReproducible(t *testing.T) {
	first, second := lag.Simulate(100), lag.Simulate(100)
	require.Equal(t, first, second)
}

func rowsOf(t *testing.T, worlds []lag.World, name string) map[string]lag.Row {
	t.Helper()
	rows := map[string]lag.Row{}
	for _, world := range worlds {
		if world.Name == name {
			for _, row := range world.Rows {
				rows[row.Name] = row
			}
		}
	}
	require.NotEmpty(t, rows, "world %s", name)
	return rows
}

// bestFixed returns the product of the best schedule with a fixed delay.
func bestFixed(rows map[string]lag.Row) float64 {
	var best float64
	for _, row := range rows {
		if row.Fixed && (best == 0 || row.Product() < best) {
			best = row.Product()
		}
	}
	return best
}

// fewestDestroyed returns how many tasks the most careful peer destroys.
func fewestDestroyed(rows map[string]lag.Row) float64 {
	var fewest float64
	for _, row := range rows {
		if !row.Ours && (fewest == 0 || row.Destroyed < fewest) {
			fewest = row.Destroyed
		}
	}
	return fewest
}
