package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
)

func (a *app) waitCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "wait ID...",
		Short: "Wait for tasks to end and print each as it does",
		Long: `Wait until every task is completed or failed, and print each as it ends.
What happens on the way is told on standard error. Lost connections, overloaded
relays and the like do not end a wait; a wrong id or key does.
With "-" ids are read from standard input.`,
		Example: `  xiexus wait task_abc
  xiexus wait task_abc task_def --max-wait 10m -o json
  xiexus wait - < ids.txt`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.wait(cmd.Context(), args) },
	}
	a.waitFlags(cmd)
	return cmd
}

func (a *app) wait(ctx context.Context, args []string) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	ids, err := taskIDs(args, a.in)
	if err != nil {
		return err
	}
	return a.waitFor(ctx, client, unique(ids))
}

// waitFor waits for tasks and prints them as they end.
func (a *app) waitFor(ctx context.Context, client *xiexus.Client, ids []string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	print := a.printer(ids)
	status := newStatusLines(a, ids)

	outcomes := make([]error, len(ids))
	var waits sync.WaitGroup
	for i, id := range ids {
		waits.Go(func() {
			task, err := client.Wait(ctx, id, append(a.waitOptions(), xiexus.WithProgress(status.show))...)
			outcomes[i] = err
			status.lock.Lock()
			defer status.lock.Unlock()
			if task != nil && task.Done() {
				if err := print(task); err != nil {
					cancel(err)
				}
			}
			if errors.Is(err, xiexus.ErrUnauthorized) {
				cancel(err) // the key is everybody's
			}
		})
	}
	waits.Wait()
	return a.waited(ctx, ids, outcomes)
}

// waited is the error of a finished waitFor.
func (a *app) waited(ctx context.Context, ids []string, outcomes []error) error {
	var running []string
	failures := failures{app: a, of: len(ids)}
	for i, err := range outcomes {
		switch {
		case errors.Is(err, context.Canceled):
			running = append(running, oneLine(ids[i]))
		case err != nil:
			failures.add(err)
		}
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, context.Canceled) {
		return fmt.Errorf("interrupted; still running: %s: %w", strings.Join(running, " "), cause)
	}
	if cause != nil && len(running) > 0 {
		return fmt.Errorf("%w; still running: %s", cause, strings.Join(running, " "))
	}
	return failures.err()
}

func (a *app) waitOptions() []xiexus.WaitOption {
	return []xiexus.WaitOption{xiexus.WithMaxWait(a.maxWait), xiexus.WithInterval(a.interval, 0)}
}

// unique drops ids that were given before.
func unique(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	return slices.DeleteFunc(ids, func(id string) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
}

// statusLines tells the user of each change of a task.
type statusLines struct {
	app   *app
	width int
	lock  sync.Mutex // of standard output and standard error
	shown map[string]xiexus.Task
}

func newStatusLines(a *app, ids []string) *statusLines {
	s := &statusLines{app: a, shown: map[string]xiexus.Task{}}
	for _, id := range ids {
		s.width = max(s.width, len([]rune(id)))
	}
	return s
}

func (s *statusLines) show(task *xiexus.Task) {
	s.lock.Lock()
	defer s.lock.Unlock()
	last, told := s.shown[task.TaskID]
	if told && last.Status == task.Status && (task.Progress == nil || progress(&last) == progress(task)) {
		return // an answer without progress is no change
	}
	s.shown[task.TaskID] = *task
	line := fmt.Sprintf("%s  %-*s  %-11s %s",
		time.Now().Format(time.TimeOnly), s.width, oneLine(task.TaskID), task.Status, progress(task))
	s.app.note("%s", strings.TrimRight(line, " "))
}
