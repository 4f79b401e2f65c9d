package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/xiexus/xiexus-go"
)

// waiter is one run of waitFor.
type waiter struct {
	app     *app
	client  *xiexus.Client
	to      *destination // of the videos, or nil if only the tasks are wanted
	tasks   *roster
	display display
	saving  workers
	stop    context.CancelCauseFunc

	lock     sync.Mutex // tasks end in the wait and in downloads
	print    printer
	failures failures
	fatal    error // what ended all
	unread   error // why not all ids could be read
}

// waitFor waits for tasks and prints them as they end. Where there is a
// destination, their videos are brought there first.
func (a *app) waitFor(ctx context.Context, client *xiexus.Client, ids idSource, to *destination) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	w := a.newWaiter(ids)
	defer w.display.close()
	w.client, w.to, w.stop = client, to, stop
	options := append(a.waitOptions(), xiexus.WithProgress(w.display.seen))
	for outcome := range client.WaitAll(ctx, w.given(ids), options...) {
		w.take(ctx, outcome)
	}
	w.saving.wait()
	return w.result(ctx)
}

func (a *app) newWaiter(ids idSource) *waiter {
	tasks := newRoster()
	for _, id := range ids.typed() {
		tasks.expect(id) // to be named even if the user interrupts at once
	}
	return &waiter{
		app:      a,
		tasks:    tasks,
		display:  a.display(tasks, ids),
		saving:   workers{most: min(a.concurrency, savedAtOnce)},
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

// take takes in how the wait for a task has ended.
func (w *waiter) take(ctx context.Context, outcome xiexus.Outcome) {
	switch {
	case interrupted(ctx) && errors.Is(outcome.Err, context.Canceled): // it is still running, which is said at the end
	case outcome.Err == nil && w.to != nil:
		w.bring(ctx, outcome.Task)
	default:
		w.ended(outcome, saved{})
	}
}

// bring brings a task's video home, now or when its turn comes.
func (w *waiter) bring(ctx context.Context, task *xiexus.Task) {
	if video, there := w.to.there(task); there {
		w.app.note("%s is there already", oneLine(video.File))
		w.ended(xiexus.Outcome{TaskID: task.TaskID, Task: task}, video)
		return
	}
	if isInline(task) { // it is in memory already, and many would not fit
		w.save(ctx, task)
		return
	}
	waiting := *task
	waiting.Raw = nil // megabytes, for each that has to wait
	w.saving.add(func() { w.save(ctx, &waiting) })
}

// save brings a task's video home.
func (w *waiter) save(ctx context.Context, task *xiexus.Task) {
	if interrupted(ctx) {
		return
	}
	w.display.saving(task)
	video, err := w.to.save(ctx, w.client, task, func(done, total int64) { w.tasks.received(task.TaskID, done, total) })
	if !interrupted(ctx) || !errors.Is(err, context.Canceled) {
		w.ended(xiexus.Outcome{TaskID: task.TaskID, Task: task, Err: err}, video)
	}
}

// ended tells the user what has become of a task. Some errors end all others.
func (w *waiter) ended(outcome xiexus.Outcome, video saved) {
	w.lock.Lock()
	defer w.lock.Unlock()
	place := w.tasks.end(outcome.TaskID, outcome.Err)
	w.display.ended(outcome)
	if task := outcome.Task; w.prints(outcome, video) {
		if err := w.print(task, video); err != nil {
			w.end(err)
		}
	}
	switch {
	case errors.Is(outcome.Err, xiexus.ErrUnauthorized):
		w.end(outcome.Err) // the key is everybody's
	case outcome.Err != nil:
		w.failures.add(place, outcome.Err)
	}
}

// prints reports whether a task is a result: where videos are wanted one without
// its video is none, and one that went to standard output is there already.
func (w *waiter) prints(outcome xiexus.Outcome, video saved) bool {
	task := outcome.Task
	if task == nil || !task.Done() {
		return false
	}
	return w.to == nil || video.File != "" || task.Status == xiexus.StatusFailed && !w.to.streams()
}

// end ends the wait for all tasks.
func (w *waiter) end(err error) {
	if w.fatal == nil {
		w.fatal = err
	}
	w.stop(err)
}

// result is the error of the whole.
func (w *waiter) result(ctx context.Context) error {
	tasks := w.tasks.tally().given
	switch err := w.failures.err(tasks); {
	case w.fatal != nil:
		return w.left(w.fatal)
	case interrupted(ctx):
		return w.left(interruptedError{})
	case err != nil:
		return err
	case w.unread != nil:
		return w.unread
	case tasks == 0:
		return errNoIDs
	}
	return nil
}

// left adds to an error which tasks were still under way, and how to go on.
func (w *waiter) left(err error) error {
	running := w.tasks.stillRunning()
	switch {
	case len(running) == 0:
		return err
	case w.to == nil:
		return fmt.Errorf("%w; still running: %s", err, firstOf(running))
	case w.to.streams(), w.to.once:
		return fmt.Errorf("%w; not downloaded: %s", err, firstOf(running))
	case len(running) > mostNamed:
		return fmt.Errorf("%w; not downloaded: %s; the same command goes on where it stopped, with --skip-existing if it has saved any", err, firstOf(running))
	}
	return fmt.Errorf("%w; to go on where it stopped: xiexus download %s", err, words(running, w.to.flags(), w.app.relayFlags()))
}

// mostNamed is how many tasks a message names.
const mostNamed = 10

func firstOf(ids []string) string {
	if rest := len(ids) - mostNamed; rest > 0 {
		return fmt.Sprintf("%s and %d more", words(ids[:mostNamed]), rest)
	}
	return words(ids)
}

// interruptedError is a context's end in fewer words.
type interruptedError struct{}

func (interruptedError) Error() string { return "interrupted" }
func (interruptedError) Unwrap() error { return context.Canceled }
