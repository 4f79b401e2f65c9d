package screen

import (
	"fmt"
	"io"
	"strings"
	"sync"
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

// NewLines returns a display that prints a line to out for each change, or with many tasks a
// summary from time to time.
func NewLines(tasks *TaskList, out io.Writer) Display { return &lines{tasks: tasks, out: out} }

type lines struct {
	tasks *TaskList
	out   io.Writer

	lock sync.Mutex
	last time.Time // of the last summary
}

const (
	// mostTasksWithLines is for how many tasks a line is printed for each change.
	mostTasksWithLines = 100
	summaryInterval    = 10 * time.Second
)

func (l *lines) Update(task *xiexus.Task) {
	if l.tasks.update(task) && !l.summarize() {
		l.printTask(task)
	}
}

func (l *lines) Downloading(task *xiexus.Task) {
	if !l.summarize() {
		l.print(task.TaskID, statusDownloading, "")
	}
}

func (l *lines) End(xiexus.Outcome) { l.summarize() }
func (l *lines) Close()             {}

func (l *lines) printTask(task *xiexus.Task) {
	l.print(task.TaskID, string(task.Status), percent(task.Progress))
}

func (l *lines) print(id, status, progress string) {
	line := fmt.Sprintf("%s  %-*s  %-*s %s", time.Now().Format(time.TimeOnly), l.tasks.IDWidth(), Line(id), statusWidth, status, progress)
	_, _ = fmt.Fprintln(l.out, strings.TrimRight(line, " "))
}

// summarize prints a summary if one is due, and reports whether there are too many tasks for
// a line each.
func (l *lines) summarize() bool {
	counts := l.tasks.Counts()
	if counts.Given <= mostTasksWithLines {
		return false
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	if now := time.Now(); counts.Ended == counts.Given || now.Sub(l.last) >= summaryInterval {
		l.last = now
		_, _ = fmt.Fprintf(l.out, "%s  %s%s\n", now.Format(time.TimeOnly), counts.ended(), counts.running())
	}
	return true
}
