package lag_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/bench/lag"
)

// The times in these tests are simulated.

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
