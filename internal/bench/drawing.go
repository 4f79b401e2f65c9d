package main

import (
	"bytes"
	"os"

	"github.com/xiexus/xiexus-go/internal/bench/lag"
	"github.com/xiexus/xiexus-go/internal/bench/plot"
)

const (
	plotTitle   = "Waiting for a video: what it costs, and how late the result is noticed"
	plotCaption = "Each panel is a simulated relay and each mark a polling schedule: further left are fewer requests per task, " +
		"further down is a result noticed sooner, and below the dashed line a schedule is better than any fixed interval."
)

// drawLag draws what printLag prints.
func drawLag(file string) error {
	var svg bytes.Buffer
	if err := plot.Write(&svg, plotTitle, plotCaption, panels(lag.Simulate(simulatedTasks))); err != nil {
		return err
	}
	return os.WriteFile(file, svg.Bytes(), 0o644)
}

// panels returns what the simulation measured as panels of the plot.
func panels(worlds []lag.World) []plot.Panel {
	var all []plot.Panel
	for _, world := range worlds {
		panel := plot.Panel{Title: world.Name, Subtitle: world.Description}
		for _, r := range world.Rows {
			panel.Points = append(panel.Points, plot.Point{
				Name:     r.Name,
				Requests: r.Requests,
				Lag:      r.Lag.Seconds(),
				Fixed:    r.Fixed,
				Ours:     r.Ours,
			})
		}
		all = append(all, panel)
	}
	return all
}
