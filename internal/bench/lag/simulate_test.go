package lag_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/bench/lag"
)

// The times in these tests are simulated.

func TestSimulate_PeersCostHalfOfATask(t *testing.T) {
	for _, world := range lag.Simulate(500) {
		t.Run(world.Name, func(t *testing.T) {
			best := bestFixed(world)
			require.Greater(t, best, 50.0)
			require.Less(t, best, 110.0)
		})
	}
}

func TestSimulate_OnlyReadsOfRealtimeTasksDestroyThem(t *testing.T) {
	for _, world := range lag.Simulate(500) {
		t.Run(world.Name, func(t *testing.T) {
			for _, row := range world.Rows {
				if world.Name == "E" && row.Fixed {
					require.Positive(t, row.Destroyed, row.Name)
				} else if world.Name != "E" {
					require.Zero(t, row.Destroyed, row.Name)
				}
			}
		})
	}
}

func TestSimulate_IsReproducible(t *testing.T) {
	require.Equal(t, lag.Simulate(100), lag.Simulate(100))
}

// bestFixed returns the product of the best schedule with a fixed delay.
func bestFixed(world lag.World) float64 {
	var best float64
	for _, row := range world.Rows {
		if row.Fixed && (best == 0 || row.Product() < best) {
			best = row.Product()
		}
	}
	return best
}
