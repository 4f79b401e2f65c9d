package plot

import (
	"fmt"
	"slices"
	"strconv"
)

// The layout, in pixels.
const (
	width      = 900
	columns    = 4
	left       = 44 // of the first column: the ticks of y are there
	right      = 12
	gap        = 14
	header     = 44 // of a panel: title and subtitle
	plotHeight = 150
	footer     = 26 // of a panel: the ticks of x
	plotWidth  = (width - left - right - (columns-1)*gap) / columns
	rowHeight  = header + plotHeight + footer
)

// chart is a drawing in progress.
type chart struct {
	svg            canvas
	title, caption string
	captionLines   []string
	panels         []Panel  // with drawable points only
	ours           []string // the names of our schedules, in the order of their colors
	x, y           interval
}

func newChart(title, caption string, panels []Panel) *chart {
	c := &chart{
		title:        title,
		caption:      caption,
		captionLines: wrap(caption, captionFont, width-2*right, 4),
	}
	var requests, lags []float64
	for _, p := range panels {
		p.Points = drawable(p.Points)
		c.panels = append(c.panels, p)
		for _, point := range p.Points {
			requests, lags = append(requests, point.Requests), append(lags, point.Lag)
			if point.Ours && !slices.Contains(c.ours, point.Name) {
				c.ours = append(c.ours, point.Name)
			}
		}
	}
	c.x, c.y = around(requests), around(lags)
	return c
}

func (c *chart) draw() {
	c.svg.title(c.title)
	c.svg.text("title", spot{right, 26}, cut(c.title, titleFont, width-2*right))
	for i, line := range c.captionLines {
		c.svg.text("caption", spot{right, 46 + 16*float64(i)}, line)
	}
	c.legend(spot{right, c.top() - 14})
	for i, p := range c.panels {
		c.panel(p, c.frame(i))
		c.ticks(i)
	}
}

// top returns where the first row of panels begins.
func (c *chart) top() float64 { return 78 + 16*float64(len(c.captionLines)) }

func (c *chart) height() float64 {
	rows := (len(c.panels) + columns - 1) / columns
	return c.top() + float64(rows*rowHeight) + 8
}

// frame returns the box in which the points of a panel are drawn.
func (c *chart) frame(i int) box {
	return box{
		x: left + float64(i%columns)*(plotWidth+gap),
		y: c.top() + float64(i/columns)*rowHeight + header,
		w: plotWidth,
		h: plotHeight,
	}
}

// at returns where a value is drawn.
func (c *chart) at(frame box, requests, lag float64) spot {
	return spot{
		x: frame.x + c.x.fraction(requests)*frame.w,
		y: frame.y + (1-c.y.fraction(lag))*frame.h,
	}
}

// panel draws a panel but for the numbers at its axes.
func (c *chart) panel(p Panel, frame box) {
	c.svg.text("world", spot{frame.x, frame.y - 31}, cut(p.Title, captionFont, frame.w))
	for i, line := range wrap(p.Subtitle, textFont, frame.w, 2) {
		c.svg.text("", spot{frame.x, frame.y - 18 + 12*float64(i)}, line)
	}
	c.svg.rect("frame", frame)
	for _, requests := range c.x.ticks() {
		c.svg.line("grid", c.at(frame, requests, c.y.low), c.at(frame, requests, c.y.high))
	}
	for _, lag := range c.y.ticks() {
		c.svg.line("grid", c.at(frame, c.x.low, lag), c.at(frame, c.x.high, lag))
	}
	var line []box
	if product, ok := bestFixed(p.Points); ok {
		low, high := max(c.x.low, product/c.y.high), min(c.x.high, product/c.y.low)
		from, to := c.at(frame, low, product/low), c.at(frame, high, product/high)
		c.svg.line("equal", from, to)
		line = along(from, to)
	}
	c.labels(p.Points, frame, slices.Concat(line, c.marks(p.Points, frame)))
}

// marks draws the points, ours last, and returns their boxes.
func (c *chart) marks(points []Point, frame box) []box {
	var boxes []box
	for _, ours := range []bool{false, true} {
		for _, p := range points {
			if p.Ours != ours {
				continue
			}
			class, radius := c.mark(p)
			center := c.at(frame, p.Requests, p.Lag)
			c.svg.dot(class, center, radius, fmt.Sprintf("%s: %.3g requests, %.3g s", p.Name, p.Requests, p.Lag))
			boxes = append(boxes, square(center, radius))
		}
	}
	return boxes
}

// labels writes the names of our points where they cover little of what is taken.
func (c *chart) labels(points []Point, frame box, taken []box) {
	for _, p := range points {
		if !p.Ours {
			continue
		}
		class, _ := c.mark(p)
		name := cut(p.Name, labelFont, frame.w-4)
		b := place(name, c.at(frame, p.Requests, p.Lag), frame, taken)
		c.svg.text("label "+class, spot{b.x, b.y + labelHeight - 3}, name)
		taken = append(taken, b)
	}
}

// mark returns the style of a point. The ring of our second schedule is visible around
// the dot of the first, where the two perform alike.
func (c *chart) mark(p Point) (class string, radius float64) {
	switch {
	case p.Ours && slices.Index(c.ours, p.Name)%2 == 0:
		return "ours0", 4.5
	case p.Ours:
		return "ours1", 6.5
	case p.Fixed:
		return "fixed", 4
	}
	return "other", 3.5
}

// ticks draws the numbers at the axes: of y left of the first column, of x below panels
// that have none below them.
func (c *chart) ticks(i int) {
	frame := c.frame(i)
	bottom := frame.y + frame.h
	if i%columns == 0 {
		for _, lag := range c.y.ticks() {
			c.svg.text("end", spot{frame.x - 5, c.at(frame, c.x.low, lag).y + 3.5}, number(lag))
		}
		c.svg.vertical(spot{right + 2, frame.y + frame.h/2}, "mean lag, s")
	}
	if i+columns >= len(c.panels) {
		for _, requests := range c.x.ticks() {
			c.svg.text("middle", spot{c.at(frame, requests, c.y.low).x, bottom + 13}, number(requests))
		}
		c.svg.text("middle", spot{frame.x + frame.w/2, bottom + 25}, "requests per task")
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// legend explains the marks.
func (c *chart) legend(at spot) {
	entries := []Point{}
	for _, name := range c.ours {
		entries = append(entries, Point{Name: name, Ours: true})
	}
	entries = append(entries,
		Point{Name: "fixed interval", Fixed: true},
		Point{Name: "another schedule"})
	for _, entry := range entries {
		class, radius := c.mark(entry)
		c.svg.dot(class, spot{at.x + 7, at.y - 4}, radius, entry.Name)
		at.x = c.entry(entry.Name, spot{at.x + 18, at.y})
	}
	c.svg.line("equal", spot{at.x, at.y - 4}, spot{at.x + 26, at.y - 4})
	c.entry("as good as the best fixed interval", spot{at.x + 32, at.y})
}

// entry draws the text of an entry of the legend, and returns where the next begins.
func (c *chart) entry(text string, at spot) (next float64) {
	c.svg.text("legend", at, text)
	return at.x + textWidth(text, captionFont) + 14
}
