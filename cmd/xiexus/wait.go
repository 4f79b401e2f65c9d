package main

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
)

func (a *app) waitCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "wait ID...",
		Short: "Wait for tasks to end and print each as it does",
		Long: `Wait until every task is completed or failed, and print each as it ends.
What happens on the way is told on standard error: on a terminal with a bar for
each running task, or one for all if there are too many, elsewhere in lines.
Lost connections, overloaded relays and the like do not end a wait; a wrong id
or key does.

` + idsHelp + ` The wait begins with the first that comes; an id that comes
again is not waited for again.`,
		Example: `  xiexus wait task_abc
  xiexus wait task_abc task_def --max-wait 10m -o json
  xiexus wait @ids.txt
  submit-many | xiexus wait - --concurrency 64 > results.jsonl`,
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
	ids, err := a.idSource(args)
	if err != nil {
		return err
	}
	return a.waitFor(ctx, client, ids)
}

// waitFor waits for tasks and prints them as they end.
func (a *app) waitFor(ctx context.Context, client *xiexus.Client, ids idSource) error {
	w := a.newWaiter(ids)
	defer w.display.close()
	options := append(a.waitOptions(), xiexus.WithProgress(w.display.seen))
	for outcome := range client.WaitAll(ctx, w.given(ids), options...) {
		if err := w.take(ctx, outcome); err != nil {
			return stillRunning(err, w.tasks)
		}
	}
	return w.result(ctx)
}

func (a *app) waitOptions() []xiexus.WaitOption {
	options := []xiexus.WaitOption{xiexus.WithMaxWait(a.maxWait), xiexus.WithConcurrency(a.concurrency)}
	if a.interval > 0 { // else the wait keeps in step with the relay
		options = append(options, xiexus.WithInterval(a.interval, 0))
	}
	return options
}

// waiter is one run of waitFor.
type waiter struct {
	app      *app
	tasks    *roster
	display  display
	print    printer
	failures failures
	unread   error // why not all ids could be read
}

func (a *app) newWaiter(ids idSource) *waiter {
	tasks := newRoster()
	display := a.display(tasks, ids)
	return &waiter{
		app:      a,
		tasks:    tasks,
		display:  display,
		print:    a.printer(a.results(), tasks.width),
		failures: failures{app: a, single: ids.single()},
	}
}

// given yields the ids as they come, each once.
func (w *waiter) given(ids idSource) iter.Seq[string] {
	return func(yield func(string) bool) {
		for id, err := range ids.all() {
			if err != nil {
				w.unread = errors.New("not all ids could be read, see above")
				w.app.complain(err)
				continue
			}
			if w.tasks.add(id) && !yield(id) {
				return
			}
		}
	}
}

// take takes in how the wait for a task has ended. Its error ends all others.
func (w *waiter) take(ctx context.Context, outcome xiexus.Outcome) error {
	if interrupted(ctx) && errors.Is(outcome.Err, context.Canceled) {
		return nil // it is still running, which is said at the end
	}
	place := w.tasks.end(outcome.TaskID, outcome.Err)
	w.display.ended(outcome)
	if task := outcome.Task; task != nil && task.Done() {
		if err := w.print(task); err != nil {
			return err
		}
	}
	switch {
	case errors.Is(outcome.Err, xiexus.ErrUnauthorized):
		return outcome.Err // the key is everybody's
	case outcome.Err != nil:
		w.failures.add(place, outcome.Err)
	}
	return nil
}

// result is the error of a wait that nothing but an interrupt has ended early.
func (w *waiter) result(ctx context.Context) error {
	tasks := w.tasks.tally().given
	switch err := w.failures.err(tasks); {
	case interrupted(ctx):
		return stillRunning(interruptedError{}, w.tasks)
	case err != nil:
		return err
	case w.unread != nil:
		return w.unread
	case tasks == 0:
		return errNoIDs
	}
	return nil
}

// stillRunning adds to an error which tasks were still running.
func stillRunning(err error, tasks *roster) error {
	if running := tasks.stillRunning(); running != "" {
		return fmt.Errorf("%w; still running: %s", err, running)
	}
	return err
}

// interruptedError is a context's end in fewer words.
type interruptedError struct{}

func (interruptedError) Error() string { return "interrupted" }
func (interruptedError) Unwrap() error { return context.Canceled }
