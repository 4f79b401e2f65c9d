// Package plot draws requests against lag as SVG: one panel for each world, one mark
// for each schedule. Both axes are logarithmic, and all panels have the same.
package plot

import "io"

// Panel shows how each schedule performs in one world.
type Panel struct {
	Title    string // cut if it does not fit on a line
	Subtitle string // cut if it does not fit on two lines
	Points   []Point
}

// Point is one schedule. A point with a value that is negative, infinite or not a
// number is left out. Values outside 0.01 to 10,000 are drawn at that limit: zero has
// no place on a logarithmic axis.
type Point struct {
	Name     string
	Requests float64 // per task, on average
	Lag      float64 // in seconds, on average
	Fixed    bool    // the schedule polls at a fixed interval
	Ours     bool    // drawn in color, with its name; there are two colors
}

// Write draws the panels below a title and a caption. The output depends on nothing
// but the arguments. The errors are those of w, which is written to once.
func Write(w io.Writer, title, caption string, panels []Panel) error {
	c := newChart(title, caption, panels)
	c.draw()
	_, err := w.Write(c.svg.document(c.height()))
	return err
}
