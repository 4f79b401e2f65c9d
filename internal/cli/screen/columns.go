package screen

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Columns is a table whose rows are all known before it is printed.
type Columns struct {
	// Header has the names of the columns.
	Header []string
	// Rows have a text for each column, printed as [Line] returns it. Columns without any are
	// left out.
	Rows [][]string
	// Flexible is the index of the column that is cut first if the terminal has no room.
	// The first column, of IDs, is never cut.
	Flexible int
	// Widest has the greatest widths of columns, by their indexes. By default a column is as
	// wide as its longest text.
	Widest map[int]int
}

// minFlexible is how narrow the flexible column gets before the others are cut.
const minFlexible = 20

// Print prints the table for a terminal of a number of columns, or in full width if that
// is 0.
func (c *Columns) Print(out io.Writer, columns int) error {
	widths := c.widths()
	used := 0
	for _, width := range widths {
		if width > 0 {
			used += width + columnGap
		}
	}
	if columns > 0 {
		tooWide := max(used-columnGap-(columns-1), 0) // some terminals start a new line after the last column
		flexible := &widths[c.Flexible]
		*flexible = max(*flexible-tooWide, min(*flexible, minFlexible))
	}
	for _, row := range append([][]string{c.Header}, c.Rows...) {
		if _, err := fmt.Fprintln(out, columnsLine(row, widths, columns-1)); err != nil {
			return err
		}
	}
	return nil
}

// widths returns the width of each column, which is 0 if it is left out.
func (c *Columns) widths() []int {
	widths := make([]int, len(c.Header))
	for column, name := range c.Header {
		for _, row := range c.Rows {
			if width := runewidth.StringWidth(Line(row[column])); width > 0 {
				widths[column] = max(widths[column], width, len(name))
			}
		}
		if widest := c.Widest[column]; widest > 0 {
			widths[column] = min(widths[column], widest)
		}
	}
	return widths
}

// columnsLine returns a line of the table. A limit below 1 is none.
func columnsLine(row []string, widths []int, limit int) string {
	var cells []string
	for i, text := range row {
		if width := widths[i]; width > 0 {
			cells = append(cells, runewidth.FillRight(runewidth.Truncate(Line(text), width, "…"), width))
		}
	}
	line := strings.TrimRight(strings.Join(cells, strings.Repeat(" ", columnGap)), " ")
	switch id := Line(row[0]); {
	case limit < 1, runewidth.StringWidth(line) <= limit:
		return line
	case runewidth.StringWidth(id) >= limit:
		return id // complete: a task is lost without its ID
	}
	return runewidth.Truncate(line, limit, "…")
}
