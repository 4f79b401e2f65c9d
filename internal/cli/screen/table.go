package screen

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/xiexus/xiexus-go"
)

// Table prints tasks as the rows of a table.
type Table struct {
	out     io.Writer
	idWidth func() int
	started bool
}

// NewTable returns a table that is printed to out. The first column of each row
// is at least as wide as idWidth returns at that moment.
func NewTable(out io.Writer, idWidth func() int) *Table {
	return &Table{out: out, idWidth: idWidth}
}

// Print prints a task, and the file that its video is saved in, if any.
func (t *Table) Print(task *xiexus.Task, file string) error {
	if !t.started {
		t.started = true
		if err := t.row("ID", "STATUS", "PROGRESS", "RESULT"); err != nil {
			return err
		}
	}
	return t.row(Line(task.TaskID), string(task.Status), percent(task.Progress), cmp.Or(Line(file), result(task)))
}

func (t *Table) row(id, status, progress, result string) error {
	row := fmt.Sprintf("%-*s  %-*s  %8s  %s", max(len("ID"), t.idWidth()), id, statusWidth, status, progress, result)
	_, err := fmt.Fprintln(t.out, strings.TrimRight(row, " "))
	return err
}

// result returns the URL of a task's video, or the reason why there is none.
func result(task *xiexus.Task) string {
	switch {
	case isDataURL(task.URL):
		return fmt.Sprintf("data URL of %d bytes", len(task.URL))
	case task.URL != "":
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
