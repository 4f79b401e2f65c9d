package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/history"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

// openHistory opens the history, unless it is off. Nothing fails because the history cannot
// be written, but a command that creates tasks warns of it.
func (a *app) openHistory(warn func(error)) {
	dir, err := history.Dir()
	switch {
	case errors.Is(err, history.ErrOff):
	case err != nil:
		warn(err)
	default:
		a.history = history.Open(dir, a.secret.Redact, warn)
	}
}

// warnOfHistory returns a function that prints an error of the history, also if the command
// is quiet: an ID may be known only from what the command prints.
func (a *app) warnOfHistory(tasks string) func(error) {
	return func(err error) {
		_, _ = fmt.Fprintf(a.Err, "warning: %s will not be in \"xiexus list\": %s; to turn the history off, set %s=off\n",
			tasks, screen.Line(err.Error()), history.Env)
	}
}

// submit sends a create request and records it in the history, before and after. Videos are
// to be saved to output, if it is not empty.
func (a *app) submit(ctx context.Context, client *xiexus.Client, request xiexus.CreateRequest, output string) (*xiexus.Task, error) {
	entry := a.history.Begin(ctx, history.Entry{
		BaseURL: baseURLOf(client), Model: request.Model, Prompt: request.Prompt, Output: output,
	})
	task, err := client.Create(ctx, request)
	entry.State = stateOf(err)
	if err == nil {
		entry.TaskID = task.TaskID
	} else {
		entry.Error = a.errorText(err)
	}
	a.history.Record(ctx, entry)
	return task, err
}

// stateOf returns what has become of a create request, by its error.
func stateOf(err error) history.State {
	var uncertain *xiexus.CreateUncertainError
	var response *xiexus.APIError
	switch {
	case err == nil:
		return history.Created
	case errors.As(err, &uncertain):
		return history.Uncertain
	case errors.As(err, &response):
		return history.Rejected
	}
	return history.NotSent
}

// recordEnd records in the history that a task has ended, or where its video is, if the task
// was submitted on this machine.
func (a *app) recordEnd(ctx context.Context, client *xiexus.Client, outcome xiexus.Outcome, video saved) {
	if outcome.Task == nil || !outcome.Task.Done() {
		return
	}
	a.history.Update(ctx, baseURLOf(client), outcome.TaskID, func(entry *history.Entry) {
		entry.State, entry.Error = history.Completed, ""
		if err := outcome.Task.Err(); err != nil {
			entry.State, entry.Error = history.Failed, a.errorText(err)
		}
		if video.File != "" {
			entry.File = absolute(video.File)
		}
	})
}

// baseURLOf returns the base URL of a client, without a trailing slash.
func baseURLOf(client *xiexus.Client) string {
	return strings.TrimSuffix(client.API().Server, "/")
}

// absolute returns the absolute path of a file, unless the current directory is gone.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
