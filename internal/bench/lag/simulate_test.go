package lag_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/bench/lag"
)

const tasks = 20_000

// The times in these tests are simulated.

func TestSimulate_OurScheduleFollowsStoredTasks(t *testing.T) {
	ours, _ := compare(lag.Simulate(tasks)[0])
	require.LessOrEqual(t, ours.Product(), 20.0)
	require.LessOrEqual(t, ours.P95, 4*time.Second)
}

func TestSimulate_OurScheduleIsNotWorseThanAFixedDelayForRealtimeTasks(t *testing.T) {
	ours, bestFixed := compare(lag.Simulate(tasks)[1])
	require.LessOrEqual(t, ours.Product(), bestFixed)
}

func TestSimulate_IsReproducible(t *testing.T) {
	require.Equal(t, lag.Simulate(100), lag.Simulate(100))
}

// compare returns our row, and the product of the best schedule with a fixed delay.
func compare(relay lag.Relay) (ours lag.Row, bestFixed float64) {
	for _, row := range relay.Rows {
		switch {
		case row.Name == lag.Ours:
			ours = row
		case row.Fixed && (bestFixed == 0 || row.Product() < bestFixed):
			bestFixed = row.Product()
		}
	}
	return ours, bestFixed
}
