package worker

import (
	"context"
	"errors"
	"log/slog"

	"github.com/xiexus/xiexus-go"
)

// failedPolls are the polls of one wave that failed and will be repeated. The zero value is ready
// to use.
type failedPolls struct {
	tasks  int
	taskID string // of the first
	err    error  // of the first
}

// add counts a poll if it failed. One that was interrupted has not.
func (f *failedPolls) add(p xiexus.Polled) {
	if p.Err == nil || p.Cursor.Done || errors.Is(p.Err, context.Canceled) {
		return
	}
	f.tasks++
	if f.err == nil {
		f.taskID, f.err = p.Cursor.TaskID, p.Err
	}
}

// log logs one record for all of them: they usually fail for the same reason.
func (f *failedPolls) log(logger *slog.Logger) {
	if f.err != nil {
		logger.Warn("polls failed; the tasks are polled again", "tasks", f.tasks, "first", f.taskID, "error", f.err)
	}
}
