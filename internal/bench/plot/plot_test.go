package plot_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/bench/plot"
)

const ours, oursWithoutBatches = "xiexus-go", "xiexus-go, no batches"

// busy returns points as simulations have them: peers close to the line of the best
// fixed interval, and ours at the given values.
func busy(requests, lag, requestsWithoutBatches, lagWithoutBatches float64) []plot.Point {
	return []plot.Point{
		{Name: "1 s", Requests: 110, Lag: 0.5, Fixed: true},
		{Name: "5 s", Requests: 23, Lag: 2.6, Fixed: true},
		{Name: "6 s", Requests: 19, Lag: 3.1, Fixed: true},
		{Name: "30 s", Requests: 4.9, Lag: 15, Fixed: true},
		{Name: "advice", Requests: 18, Lag: 3.6},
		{Name: "doubled", Requests: 8, Lag: 11},
		{Name: ours, Requests: requests, Lag: lag, Ours: true},
		{Name: oursWithoutBatches, Requests: requestsWithoutBatches, Lag: lagWithoutBatches, Ours: true},
	}
}

// panels returns more panels than a row has.
func panels() []plot.Panel {
	return []plot.Panel{
		{Title: "alike", Points: busy(5, 1.5, 5, 1.5)},
		{Title: "close", Points: busy(11, 6.5, 12, 6.3)},
		{Title: "apart", Points: busy(0.25, 2.5, 12, 4)},
		{Title: "in a corner", Points: busy(0.2, 0.4, 0.2, 0.4)},
		{Title: "among peers", Points: busy(19, 3.1, 20, 3)},
	}
}

func draw(t *testing.T, title, caption string, panels []plot.Panel) drawing {
	var svg bytes.Buffer
	require.NoError(t, plot.Write(&svg, title, caption, panels))
	return parse(t, svg.Bytes())
}

func TestWrite_PutsEveryPointInsideItsPanel(t *testing.T) {
	drawn := draw(t, "Title", "Caption.", panels())
	require.Len(t, drawn.frames, len(panels()))
	for i, f := range drawn.frames {
		require.Len(t, f.circles, len(panels()[i].Points))
		for _, c := range f.circles {
			require.True(t, f.contains(c.x-c.r, c.y-c.r) && f.contains(c.x+c.r, c.y+c.r), "%s in %q", c.title, panels()[i].Title)
		}
		require.LessOrEqual(t, f.x+f.w, 900.0)
		for _, other := range drawn.frames[:i] {
			require.False(t, other.contains(f.x, f.y))
		}
	}
}

func TestWrite_LabelsOurPointsWithoutOverlap(t *testing.T) {
	for i, f := range draw(t, "Title", "Caption.", panels()).frames {
		require.Len(t, f.labels, 2, panels()[i].Title)
		require.Equal(t, ours, f.labels[0].text)
		require.Equal(t, oursWithoutBatches, f.labels[1].text)
		for _, l := range f.labels {
			require.True(t, f.contains(l.x, l.top()) && f.contains(l.right(), l.y), "%q in %q", l.text, panels()[i].Title)
			for _, c := range f.circles {
				require.False(t, l.covers(c.x, c.y), "%q on %q in %q", l.text, c.title, panels()[i].Title)
			}
		}
		a, b := f.labels[0], f.labels[1]
		require.True(t, a.right() < b.x || b.right() < a.x || a.y < b.top() || b.y < a.top(), panels()[i].Title)
	}
}

func TestWrite_LineGoesThroughTheBestFixedInterval(t *testing.T) {
	f := draw(t, "", "", []plot.Panel{{Points: []plot.Point{
		{Name: "worse", Requests: 10, Lag: 10, Fixed: true},
		{Name: "best", Requests: 5, Lag: 4, Fixed: true},
		{Name: "better, but not fixed", Requests: 1, Lag: 1},
		{Name: "better, but ours", Requests: 2, Lag: 1, Fixed: true, Ours: true},
	}}}).frames[0]
	require.Len(t, f.dashed, 1)
	line, best := f.dashed[0], f.circles[1]
	require.Contains(t, best.title, "best:")
	slope := (line.y2 - line.y1) / (line.x2 - line.x1)
	require.InDelta(t, best.y, line.y1+slope*(best.x-line.x1), 0.2)
	require.True(t, f.contains(line.x1, line.y1) && f.contains(line.x2, line.y2))
}

func TestWrite_HasNoLineWithoutAFixedInterval(t *testing.T) {
	f := draw(t, "", "", []plot.Panel{{Points: []plot.Point{{Requests: 1, Lag: 1}}}}).frames[0]
	require.Empty(t, f.dashed)
}

func TestWrite_ValuesWithoutAPlaceOnALogarithmicAxis(t *testing.T) {
	for _, test := range []struct {
		name          string
		requests, lag float64
		points        int
		ticks         []string // which show the range of the axes
	}{
		{name: "NaN requests", requests: math.NaN(), lag: 1},
		{name: "NaN lag", requests: 1, lag: math.NaN()},
		{name: "infinite", requests: 1, lag: math.Inf(1)},
		{name: "negative", requests: -1, lag: 1},
		{name: "zero", requests: 0, lag: 0, points: 1, ticks: []string{"0.01", "0.1", "1", "10"}},
		{name: "tiny", requests: 1e-300, lag: 1e-9, points: 1, ticks: []string{"0.01", "0.1", "1", "10"}},
		{name: "huge", requests: 1e300, lag: 1e300, points: 1, ticks: []string{"10", "100", "1000", "10000"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			points := []plot.Point{{Name: "usual", Requests: 10, Lag: 10}, {Name: "odd", Requests: test.requests, Lag: test.lag}}
			drawn := draw(t, "", "", []plot.Panel{{Points: points}})
			f := drawn.frames[0]
			require.Len(t, f.circles, 1+test.points)
			for _, c := range f.circles {
				require.True(t, f.contains(c.x, c.y))
			}
			for _, tick := range test.ticks {
				require.Contains(t, drawn.texts, tick)
			}
		})
	}
}

func TestWrite_AxesHaveATick(t *testing.T) {
	drawn := draw(t, "", "", []plot.Panel{{Points: []plot.Point{{Requests: 3, Lag: 400}}}})
	require.Contains(t, drawn.texts, "1")
	require.Contains(t, drawn.texts, "100")
}

func TestWrite_EscapesTexts(t *testing.T) {
	const odd, shown = "<b> & \"q\"\x00", "<b> & \"q\"\uFFFD"
	drawn := draw(t, odd, odd, []plot.Panel{{Title: odd, Subtitle: odd, Points: []plot.Point{{Name: odd, Requests: 1, Lag: 1, Ours: true}}}})
	count := 0
	for _, text := range drawn.texts {
		if text == shown {
			count++
		}
	}
	// The title, twice; the caption; the label and the legend, whose dot has a title; title and subtitle of the panel.
	require.Equal(t, 8, count, drawn.texts)
}

func TestWrite_CutsLongTexts(t *testing.T) {
	long := strings.Repeat("schedule ", 60)
	drawn := draw(t, long, "", []plot.Panel{{Title: long, Subtitle: long, Points: []plot.Point{{Name: long, Requests: 1, Lag: 1, Ours: true}}}})
	f := drawn.frames[0]
	require.True(t, f.contains(f.labels[0].x, f.labels[0].top()) && f.contains(f.labels[0].right(), f.labels[0].y))
	require.True(t, strings.HasSuffix(f.labels[0].text, "…"))
}

func TestWrite_EmptyInput(t *testing.T) {
	for _, test := range []struct {
		name   string
		panels []plot.Panel
	}{
		{"no panels", nil},
		{"no points", []plot.Panel{{Title: "empty"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			drawn := draw(t, "Title", "", test.panels)
			require.Contains(t, drawn.texts, "Title")
			require.Len(t, drawn.frames, len(test.panels))
		})
	}
}

func TestWrite_IsReproducible(t *testing.T) {
	var first, second bytes.Buffer
	require.NoError(t, plot.Write(&first, "Title", "Caption.", panels()))
	require.NoError(t, plot.Write(&second, "Title", "Caption.", panels()))
	require.Equal(t, first.String(), second.String())
}

func TestWrite_ReturnsTheErrorOfTheWriter(t *testing.T) {
	require.ErrorIs(t, plot.Write(full{}, "", "", nil), errFull)
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
