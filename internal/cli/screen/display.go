package screen

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go"
)

// Display shows the progress of the tasks of a [TaskList].
type Display interface {
	// Update shows a task as last read.
	Update(*xiexus.Task)
	// Downloading shows that the download of a task's video starts.
	Downloading(*xiexus.Task)
	// End shows that the wait for a task, or its download, has ended.
	End(xiexus.Outcome)
	// Close ends the display.
	Close()
}

// NewLines returns a display that prints a line to out for each change.
func NewLines(tasks *TaskList, out io.Writer) Display { return lines{tasks, out} }

type lines struct {
	tasks *TaskList
	out   io.Writer
}

func (l lines) Update(task *xiexus.Task) {
	if l.tasks.update(task) {
		l.printTask(task)
	}
}

func (l lines) Downloading(task *xiexus.Task) { l.print(task.TaskID, statusDownloading, "") }
func (l lines) End(xiexus.Outcome)            {}
func (l lines) Close()                        {}

func (l lines) printTask(task *xiexus.Task) {
	l.print(task.TaskID, string(task.Status), percent(task.Progress))
}

func (l lines) print(id, status, progress string) {
	line := fmt.Sprintf("%s  %-*s  %-*s %s", time.Now().Format(time.TimeOnly), l.tasks.IDWidth(), Line(id), statusWidth, status, progress)
	_, _ = fmt.Fprintln(l.out, strings.TrimRight(line, " "))
}
