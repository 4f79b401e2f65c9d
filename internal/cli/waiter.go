package cli

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"sync"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
	"github.com/xiexus/xiexus-go/internal/taskids"
	"golang.org/x/sync/errgroup"
)

// maxDownloads is how many videos are downloaded concurrently, unless --concurrency
// is lower.
const maxDownloads = 4

// waiter is one call of waitFor.
type waiter struct {
	app       *app
	client    *xiexus.Client
	to        *destination // of the videos, or nil if they are not downloaded
	tasks     *screen.TaskList
	display   screen.Display
	downloads errgroup.Group
	options   *waitOptions
	hooks     *hooks
	stop      context.CancelCauseFunc

	lock      sync.Mutex // tasks end in the wait and in downloads
	print     func(ended) (seen bool, err error)
	failures  failures
	resumable []string // the tasks whose waits have timed out, or ended with a rejected key
	fatal     error    // ended the wait for all tasks
	unread    error    // not all IDs could be read
}

// waitFor waits for tasks, downloads their videos if there is a destination, and
// prints the tasks as they end.
func (a *app) waitFor(ctx context.Context, client *xiexus.Client, ids taskids.Source, options *waitOptions, to *destination) error {
	w := a.newWaiter(ids)
	defer w.display.Close()
	w.hooks = a.startHooks(ctx, &options.hooks) // also run if an error of one task ends the wait for all
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	w.client, w.to, w.options, w.stop = client, to, options, stop
	waitOptions := append(options.options(), xiexus.WithConcurrency(a.client.concurrency), xiexus.WithProgress(w.display.Update))
	for outcome := range client.WaitAll(ctx, w.start(ids), waitOptions...) {
		w.handle(ctx, outcome)
	}
	_ = w.downloads.Wait() // each of them has reported its own error
	w.hooks.wait()
	return w.result(ctx)
}

func (a *app) newWaiter(ids taskids.Source) *waiter {
	tasks := screen.NewTaskList()
	for _, id := range ids.Known() {
		tasks.Announce(id) // so that an immediate interrupt names it
	}
	w := &waiter{
		app:      a,
		tasks:    tasks,
		display:  a.display(tasks, ids),
		print:    a.endedPrinter(a.results(), tasks.IDWidth),
		failures: failures{app: a, single: ids.Single()},
	}
	w.downloads.SetLimit(min(a.client.concurrency, maxDownloads))
	return w
}

// display returns bars on a terminal, and lines elsewhere. It also returns lines
// if the IDs are typed on the terminal, because bars move the cursor.
func (a *app) display(tasks *screen.TaskList, ids taskids.Source) screen.Display {
	typed := screen.IsTerminal(a.In) && ids.ReadsFrom(a.In)
	if a.output.quiet || a.terminal == nil || typed {
		return screen.NewLines(tasks, a.notes())
	}
	if a.terminal.Shows(a.Out) {
		return screen.NewBars(tasks, a.console, a.terminal, io.Discard) // results are printed there
	}
	return screen.NewBars(tasks, a.console, a.terminal, a.Err)
}

// start yields the IDs as they are read, each once.
func (w *waiter) start(ids taskids.Source) iter.Seq[string] {
	return func(yield func(string) bool) {
		for id, err := range ids.All() {
			if err != nil {
				w.setUnread(err)
				w.app.printError(err)
				continue
			}
			if w.tasks.Start(id) && !w.keep(id) && !yield(id) {
				return
			}
		}
	}
}

// keep ends a task whose video is kept, without a request, and reports whether there is one.
func (w *waiter) keep(id string) bool {
	if w.to == nil {
		return false
	}
	video, ok := w.to.existing(id)
	if ok {
		w.app.note("%s already exists", screen.Line(video.File))
		task := &xiexus.Task{}
		task.TaskID, task.Status = id, xiexus.StatusCompleted
		w.report(xiexus.Outcome{TaskID: id, Task: task}, video) // not recorded: nothing was read
	}
	return ok
}

func (w *waiter) setUnread(err error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.unread == nil {
		w.unread = unreadError{err}
	}
}

// unreadError is the error of a command that could not read all task IDs. It wraps the
// first of the errors that have been printed.
type unreadError struct{ first error }

func (unreadError) Error() string   { return "could not read all task IDs; see above" }
func (e unreadError) Unwrap() error { return e.first }

// handle handles the outcome of the wait for a task.
func (w *waiter) handle(ctx context.Context, outcome xiexus.Outcome) {
	switch {
	case interrupted(ctx) && errors.Is(outcome.Err, context.Canceled): // reported at the end, as still running
	case outcome.Err == nil && w.to != nil:
		w.download(ctx, outcome.Task)
	default:
		w.end(ctx, outcome, saved{})
	}
}

// download starts the download of a task's video, as soon as one more is allowed.
func (w *waiter) download(ctx context.Context, task *xiexus.Task) {
	w.downloads.Go(func() error {
		w.save(ctx, task)
		return nil
	})
}

// save downloads a task's video.
func (w *waiter) save(ctx context.Context, task *xiexus.Task) {
	if interrupted(ctx) {
		return
	}
	w.display.Downloading(task)
	if videos := len(task.URLs); videos > 1 && w.to.isStdout() {
		w.app.note("%s has %d videos; writing the first to standard output", screen.Line(task.TaskID), videos)
	}
	progress := func(done, total int64) { w.tasks.Downloaded(task.TaskID, done, total) }
	video, err := w.to.save(ctx, w.client, task, w.app.Out, progress)
	if !interrupted(ctx) || !errors.Is(err, context.Canceled) {
		w.end(ctx, xiexus.Outcome{TaskID: task.TaskID, Task: task, Err: err}, video)
	}
}

// end reports the result of a task and runs the hooks for it.
func (w *waiter) end(ctx context.Context, outcome xiexus.Outcome, video saved) {
	w.app.recordEnd(ctx, w.client, outcome, video)
	w.report(outcome, video)
	if !errors.Is(outcome.Err, xiexus.ErrUnauthorized) { // which is not about the task
		w.hooks.add(outcome, video)
	}
}

// report prints the result of a task. Some errors end the wait for all tasks.
func (w *waiter) report(outcome xiexus.Outcome, video saved) {
	w.lock.Lock()
	defer w.lock.Unlock()
	index, elapsed := w.tasks.End(outcome.TaskID, outcome.Err)
	w.display.End(outcome)
	seen := false
	if w.isResult(outcome.Task, video) {
		var err error
		if seen, err = w.print(ended{outcome.Task, video, elapsed}); err != nil {
			w.endAll(err)
		}
	}
	switch {
	case errors.Is(outcome.Err, xiexus.ErrUnauthorized):
		w.endAll(outcome.Err) // all tasks use the same key
	case outcome.Err != nil:
		var failed *xiexus.TaskFailedError
		w.failures.add(index, outcome.Err, seen && errors.As(outcome.Err, &failed))
	}
	if errors.Is(outcome.Err, xiexus.ErrWaitTimeout) || errors.Is(outcome.Err, xiexus.ErrUnauthorized) {
		w.resumable = append(w.resumable, outcome.TaskID)
	}
}

// isResult reports whether to print a task. If videos are downloaded, a completed
// task without a file is not a result, and standard output may be the video itself.
func (w *waiter) isResult(task *xiexus.Task, video saved) bool {
	if task == nil || !task.Done() {
		return false
	}
	return w.to == nil || video.File != "" || task.Err() != nil && !w.to.isStdout()
}

// endAll ends the wait for all tasks. The caller holds the lock.
func (w *waiter) endAll(err error) {
	if w.fatal == nil {
		w.fatal = err
	}
	w.stop(err)
}

// result returns the error of the command.
func (w *waiter) result(ctx context.Context) error {
	w.lock.Lock() // an interrupted wait may still be reading IDs
	defer w.lock.Unlock()
	tasks := w.tasks.Counts().Given
	unfinished := slices.Concat(w.resumable, w.tasks.Running())
	switch err := w.failures.err(tasks); {
	case w.fatal != nil:
		return w.withRest(w.fatal, unfinished)
	case interrupted(ctx):
		return w.withHooks(w.withRest(interruptedError{}, unfinished))
	case err != nil:
		return w.withRest(err, unfinished)
	case w.hooks.err() != nil:
		return w.hooks.err()
	case w.unread != nil:
		return w.unread
	case tasks == 0:
		return errNoIDs
	}
	return nil
}
