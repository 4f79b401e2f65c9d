package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go"
)

// display tells the user on the way what becomes of the tasks of a roster.
type display interface {
	// seen is called for each read of a task.
	seen(*xiexus.Task)
	// saving is called when a task's video is about to be fetched.
	saving(*xiexus.Task)
	// ended is called for each task that is no longer waited for.
	ended(xiexus.Outcome)
	// close is called when there is no more to tell.
	close()
}

// display returns bars where there is a terminal, or else lines. Where the ids
// are typed on the terminal it is lines too, which do not move the cursor.
func (a *app) display(tasks *roster, ids idSource) display {
	lines := statusLines{app: a, tasks: tasks}
	if a.quiet || a.terminal == nil || isTerminal(a.in) && ids.reads(a.in) {
		return lines
	}
	return newBars(lines)
}

// statusLines tells each change of a task on a line.
type statusLines struct {
	app   *app
	tasks *roster
}

func (s statusLines) seen(task *xiexus.Task) {
	if s.tasks.seen(task) {
		s.tell(task)
	}
}

func (s statusLines) saving(task *xiexus.Task) {
	s.app.note("%s", strings.TrimRight(fmt.Sprintf("%s  %-*s  %s", time.Now().Format(time.TimeOnly),
		s.tasks.width(), oneLine(task.TaskID), downloading), " "))
}

func (s statusLines) ended(xiexus.Outcome) {}
func (s statusLines) close()               {}

func (s statusLines) tell(task *xiexus.Task) {
	line := fmt.Sprintf("%s  %-*s  %-11s %s", time.Now().Format(time.TimeOnly),
		s.tasks.width(), oneLine(task.TaskID), task.Status, progress(task))
	s.app.note("%s", strings.TrimRight(line, " "))
}
