package worker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRate_CoversTheLastReports(t *testing.T) {
	var r rate
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	require.Zero(t, r.add(at, 100))
	require.InDelta(t, 20, r.add(at.Add(3*time.Second), 160), 1e-9)
	for i := range 20 {
		r.add(at.Add(time.Duration(i+2)*3*time.Second), 160)
	}
	require.Zero(t, r.add(at.Add(2*time.Minute), 160), "the burst is over")
}
