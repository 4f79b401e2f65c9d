package xiexus

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// Wait polls a task until it is completed or failed. It returns the last task seen, with
// any error; the task is nil only if none was seen.
//
// If the task failed, the error is a [*TaskFailedError]. An invalid task ID or option is
// reported as such ([ErrInvalidTaskID]) before anything is sent. Any other error is a
// [*WaitError] that wraps the reason: [ErrWaitTimeout], by default after 30 minutes
// ([WithMaxWait]); the context's error; an error from the key function
// ([WithAPIKeyFunc]); or a permanent [*APIError]: a 400, [ErrUnauthorized],
// [ErrForbidden], [ErrQuotaExceeded] or [ErrTaskNotFound] in the format of a relay. Relays
// respond to a create request before they store the task, so a missing task is polled again
// within the first ten seconds of the wait; and a rejected key is polled again twice, because
// a relay whose database fails rejects every key. Nothing else ends a wait: it continues
// after lost connections, certificate errors, 5xx, 429, truncated responses, pages and other
// responses of gateways with any status, responses about another task, and unknown statuses.
//
// Wait polls as rarely as possible. The first poll is immediate; the next is not before the
// task is 22.5 s old, because few end sooner. For a task that this client has created, the
// response to [Client.Create] counts as the first. A relay refreshes stored tasks in
// passes, every 15 or 30 s. All waits of a client share what responses reveal about them,
// and poll shortly after a pass; where there is nothing to follow, about every 11 s.
//
// Realtime tasks, for which the relay queries its upstream on each read, are read as the
// last pass stored them if possible (see [Client.WaitAll]), and otherwise every 15 s. If
// one is reported as failed without a reason, its status is unknown until three more
// polls, 20 s apart, have confirmed it. Tasks without timestamps are polled after 2 s, then
// after delays that grow by 50% up to 15 s.
//
// A Retry-After takes precedence, up to two minutes; consecutive errors lengthen the delay
// up to one minute. The last poll is at the deadline, unless a Retry-After extends past it.
func (c *Client) Wait(ctx context.Context, taskID string, opts ...WaitOption) (task *Task, err error) {
	for task, err = range c.Watch(ctx, taskID, opts...) {
		continue // the last pair is the result
	}
	return task, err
}

// Watch is [Client.Wait] as an iterator. It yields the task when it is first seen, and
// each time its status, progress or URL changes. The last pair is what Wait returns.
// Breaking out of the loop ends the wait.
func (c *Client) Watch(ctx context.Context, taskID string, opts ...WaitOption) iter.Seq2[*Task, error] {
	return func(yield func(*Task, error) bool) {
		cfg, err := newWaitConfig(opts)
		if err != nil {
			yield(nil, err)
			return
		}
		w := newWait(c, cfg, taskID)
		var shown *Task
		for {
			task, err := w.step(ctx)
			if task != nil && cfg.progress != nil {
				cfg.progress(task)
			}
			if w.cursor.Done {
				yield(w.task, err)
				return
			}
			if task != nil && hasChanged(shown, task) {
				shown = task
				if !yield(task, nil) {
					return
				}
			}
		}
	}
}

// hasChanged reports whether a task shows anything new. A response without a progress does
// not change the progress.
func hasChanged(before, now *Task) bool {
	if before == nil || before.Status != now.Status || before.URL != now.URL {
		return true
	}
	return now.Progress != nil && (before.Progress == nil || *before.Progress != *now.Progress)
}

// wait is one wait: its progress, its deadline, and the last task seen. [Client.Watch] and
// [Client.WaitAll] are loops over its step.
type wait struct {
	*waitConfig
	client   *Client
	cursor   Cursor
	deadline time.Time // zero if there is none
	earliest time.Time // no poll is allowed before it
	fresh    bool      // in the queue for the first time
	alone    bool      // the next read is one of the task alone
	settled  bool      // a response has moved it on
	task     *Task     // the last one seen
	err      error     // of the last poll
	number   uint64    // in the queue of a scheduler
}

func newWait(c *Client, cfg *waitConfig, taskID string) *wait {
	now := time.Now()
	w := &wait{waitConfig: cfg, client: c, fresh: true, cursor: Cursor{TaskID: taskID, StartedAt: now, NextAt: now}}
	if cfg.maxWait > 0 {
		w.deadline = now.Add(cfg.maxWait)
	}
	if !cfg.once {
		w.delay(c.learned.firstPoll(taskID, cfg.schedule, now))
	}
	return w
}

// step sleeps until the next poll is due, and polls. It returns the task of that poll, if
// any. When the wait is over, its cursor is Done and err is the error of the wait; before
// that err is nil.
func (w *wait) step(ctx context.Context) (task *Task, err error) {
	if err := retry.Sleep(ctx, time.Until(w.cursor.NextAt)); err != nil {
		return nil, w.end(err)
	}
	if !w.mayPoll() {
		return nil, w.end(timeoutError{})
	}
	pollCtx, cancel := w.pollContext(ctx)
	defer cancel()
	batchSize := w.batchSize
	if w.alone {
		batchSize = 0 // a batch has just left it out
	}
	r := w.client.readDue(retry.WithAttempt(pollCtx, w.failures()+1), &w.cursor, batchSize)
	if r.err != nil && pollCtx.Err() != nil {
		return nil, w.interrupted(ctx, pollCtx)
	}
	task, err = w.settle(r)
	w.logError(ctx)
	return task, err
}

// canBatch reports whether the task may be read together with others.
func (w *wait) canBatch() bool { return !w.alone && w.cursor.canBatch() }

// failures returns how many polls in a row have failed.
func (w *wait) failures() int {
	if w.once {
		return w.cursor.Attempts
	}
	return int(w.cursor.pace.Failures)
}

// interrupted ends a wait whose last poll was cut off by its deadline or by ctx.
func (w *wait) interrupted(ctx, pollCtx context.Context) error {
	if ctx.Err() == nil {
		w.err = fmt.Errorf("%w: no response before the deadline: %w", ErrUnavailable, context.DeadlineExceeded)
	}
	return w.end(retry.Cause(pollCtx))
}

// settle moves the wait on by a reading. It returns what [wait.step] does.
func (w *wait) settle(r reading) (*Task, error) {
	switch {
	case !w.alone || r.err != nil:
	case w.cursor.pace.Failures > 0: // of batches, but the documented route works
		w.client.learned.doubtBatches()
	default:
		w.cursor.missed++
	}
	w.alone, w.settled = false, true
	if w.once {
		return w.settleOnce(r)
	}
	task, cursor, err := w.client.apply(w.cursor, w.schedule, r)
	w.cursor, w.err = cursor, err
	if task != nil {
		w.task = task
	}
	w.earliest = r.sent.Add(poll.Floor)
	if cursor.retryAfter > 0 {
		w.earliest = cursor.NextAt
	}
	switch {
	case err == nil && cursor.Done:
		return task, task.Err()
	case cursor.Done:
		return nil, w.end(err)
	case w.isOverdue(time.Now()):
		return task, w.end(timeoutError{})
	}
	w.keepDeadline()
	return task, nil
}

// end ends the wait before its task has ended.
func (w *wait) end(reason error) error {
	w.cursor.Done = true
	switch {
	case errors.Is(reason, ErrInvalidTaskID):
		return reason // the wait has not started
	case w.once:
		return readError(w.cursor.TaskID, reason)
	}
	return &WaitError{
		TaskID: w.cursor.TaskID, Task: w.task, Elapsed: time.Since(w.cursor.StartedAt), Last: w.err, reason: reason,
	}
}

func (w *wait) logError(ctx context.Context) {
	if w.err == nil || w.cursor.Done || w.oneStep { // whose caller gets the error
		return
	}
	level, message := slog.LevelWarn, "reading task failed, polling again"
	if w.once {
		message = "reading task failed, retrying"
	}
	if isPermanent(w.err) && errors.Is(w.err, ErrTaskNotFound) { // but the wait continues: this is expected
		level, message = slog.LevelDebug, "the relay has not stored the task yet"
	}
	w.client.logger.LogAttrs(ctx, level, message,
		slog.String("task_id", w.cursor.TaskID), slog.Any("error", w.err), slog.Duration("delay", time.Until(w.cursor.NextAt)))
}
