package plot

import (
	"math"
	"slices"
)

// The values that an axis can show.
const lowest, highest = 0.01, 10_000

// drawable returns the points that can be drawn, with values that an axis can show.
func drawable(points []Point) []Point {
	var kept []Point
	for _, p := range points {
		if !finite(p.Requests) || !finite(p.Lag) {
			continue
		}
		p.Requests = clamp(p.Requests, lowest, highest)
		p.Lag = clamp(p.Lag, lowest, highest)
		kept = append(kept, p)
	}
	return kept
}

func finite(v float64) bool { return v >= 0 && !math.IsInf(v, 1) }

func clamp(v, low, high float64) float64 { return max(low, min(v, high)) }

// interval is a range of values on an axis.
type interval struct{ low, high float64 }

// around returns an interval that contains the values, with a margin for the marks, and
// at least one tick. Without values it is one around 1 and 10.
func around(values []float64) interval {
	const margin = 1.5
	if len(values) == 0 {
		values = []float64{1, 10}
	}
	i := interval{slices.Min(values) / margin, slices.Max(values) * margin}
	i.low = min(i.low, math.Pow(10, math.Floor(math.Log10(i.high))))
	return i
}

// fraction returns where a value is on a logarithmic axis: 0 at the low end, 1 at the
// high end.
func (i interval) fraction(v float64) float64 {
	return math.Log(v/i.low) / math.Log(i.high/i.low)
}

// ticks returns the powers of ten in the interval.
func (i interval) ticks() []float64 {
	var ticks []float64
	for e := math.Ceil(math.Log10(i.low)); e <= math.Log10(i.high); e++ {
		ticks = append(ticks, math.Pow(10, e))
	}
	return ticks
}

// bestFixed returns the lowest product of requests and lag of a fixed interval.
func bestFixed(points []Point) (product float64, ok bool) {
	product = math.Inf(1)
	for _, p := range points {
		if p.Fixed && !p.Ours {
			product, ok = min(product, p.Requests*p.Lag), true
		}
	}
	return product, ok
}
