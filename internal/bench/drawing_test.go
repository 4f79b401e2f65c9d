package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/bench/lag"
	"github.com/xiexus/xiexus-go/internal/bench/plot"
)

func TestPanels_ShowEveryRow(t *testing.T) {
	worlds := []lag.World{{Name: "A", Description: "quiet", Rows: []lag.Row{
		{Name: "every 5 s", Fixed: true, Requests: 23, Lag: 2500 * time.Millisecond},
		{Name: "xiexus-go", Ours: true, Requests: 5, Lag: time.Second},
	}}}
	require.Equal(t, []plot.Panel{{Title: "A", Subtitle: "quiet", Points: []plot.Point{
		{Name: "every 5 s", Requests: 23, Lag: 2.5, Fixed: true},
		{Name: "xiexus-go", Requests: 5, Lag: 1, Ours: true},
	}}}, panels(worlds))
}
