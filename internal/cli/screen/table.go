package screen

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/xiexus/xiexus-go"
)

// Table prints tasks as the rows of a table.
type Table struct {
	// Out is where the table is printed.
	Out io.Writer
	// IDWidth returns the width of the longest ID known so far.
	IDWidth func() int
	// Columns returns the width of the terminal, or 0 to print rows of any length.
	Columns func() int

	started bool
}

// Row is a task and what is known about it beyond what the relay reports.
type Row struct {
	// Task is the task.
	Task *xiexus.Task
	// File is the file that its video is saved in, or empty.
	File string
	// Bytes is the size of the file.
	Bytes int64
	// Others is the number of other files, of the task's other videos.
	Others int
	// Elapsed is how long the task took as far as this program knows, or zero.
	Elapsed time.Duration
}

// Print prints a row and reports whether all of it is visible.
func (t *Table) Print(row Row) (complete bool, err error) {
	layout := newLayout(t.IDWidth(), t.Columns())
	if !t.started {
		t.started = true
		header, _ := layout.line("ID", "STATUS", "PROGRESS", "TIME", "RESULT")
		if _, err := fmt.Fprintln(t.Out, header); err != nil {
			return false, err
		}
	}
	line, complete := layout.line(Line(row.Task.TaskID), string(row.Task.Status), row.progress(), row.time(), row.result())
	_, err = fmt.Fprintln(t.Out, line)
	return complete, err
}

// progress returns 100% for a completed task whatever the relay reports.
func (r *Row) progress() string {
	if r.Task.Status == xiexus.StatusCompleted {
		all := 100
		return percent(&all)
	}
	return percent(r.Task.Progress)
}

// time returns how long the task took, or has taken so far: by the relay's clock if it
// reports that, or else as long as this program has seen it.
func (r *Row) time() string {
	started, finished := r.Task.SubmittedAt, r.Task.FinishedAt
	elapsed := r.Elapsed
	switch {
	case started.IsZero():
	case !finished.IsZero():
		elapsed = finished.Sub(started)
	case !r.Task.Done():
		elapsed = time.Since(started)
	}
	if elapsed <= 0 {
		return ""
	}
	return clock(int(elapsed.Seconds()))
}

// result returns the file of a task's video, its URL, or the reason why there is none.
func (r *Row) result() string {
	switch task := r.Task; {
	case r.File != "" && r.Others > 0:
		return fmt.Sprintf("%s (%s) and %d more", Line(r.File), formatBytes(r.Bytes), r.Others)
	case r.File != "":
		return fmt.Sprintf("%s (%s)", Line(r.File), formatBytes(r.Bytes))
	case isDataURL(task.URL):
		return fmt.Sprintf("data URL of %d bytes", len(task.URL))
	case task.URL != "":
		if others := len(task.URLs) - 1; others > 0 {
			return fmt.Sprintf("%d videos, the first at %s", others+1, Line(task.URL))
		}
		return Line(task.URL)
	case task.Error != nil:
		return Line(task.Error.Message)
	case task.Status == xiexus.StatusUnknown:
		return Line(task.RelayStatus)
	}
	return ""
}

// isDataURL reports whether a URL contains the video.
func isDataURL(url string) bool {
	const scheme = "data:"
	return len(url) >= len(scheme) && strings.EqualFold(url[:len(scheme)], scheme)
}

// layout is how wide the columns of a table are. Without a limit, the width is 0.
type layout struct {
	id, progress, time int // 0 for a column that is left out
	width              int
}

const (
	progressWidth  = 8 // the header
	timeWidth      = 5 // 59:59
	minResultWidth = 10
)

// newLayout leaves out columns for which a terminal has no room.
func newLayout(idWidth, width int) layout {
	l := layout{id: max(len("ID"), idWidth), progress: progressWidth, time: timeWidth, width: width}
	if width == 0 {
		return l
	}
	l.width = max(width-1, 1) // some terminals start a new line after the last column
	for _, optional := range []*int{&l.time, &l.progress} {
		if l.used()+minResultWidth > l.width {
			*optional = 0
		}
	}
	return l
}

// used returns the width of everything before the result.
func (l layout) used() int {
	used := l.id + columnGap + statusWidth + columnGap
	for _, optional := range []int{l.progress, l.time} {
		if optional > 0 {
			used += optional + columnGap
		}
	}
	return used
}

// line returns a line of the table and reports whether all of it fits.
func (l layout) line(id, status, progress, elapsed, result string) (line string, complete bool) {
	gap := strings.Repeat(" ", columnGap)
	cells := []string{runewidth.FillRight(id, l.id), runewidth.FillRight(status, statusWidth)}
	if l.progress > 0 {
		cells = append(cells, runewidth.FillLeft(progress, l.progress))
	}
	if l.time > 0 {
		cells = append(cells, runewidth.FillLeft(elapsed, l.time))
	}
	line = strings.TrimRight(strings.Join(append(cells, result), gap), " ")
	switch {
	case l.width == 0, runewidth.StringWidth(line) <= l.width:
		return line, true
	case runewidth.StringWidth(id) >= l.width:
		return id, false // complete: a task is lost without its ID
	}
	return runewidth.Truncate(line, l.width, "…"), false
}
