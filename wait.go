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

// responseGrace is how long a poll that is in flight at the deadline may still take.
const responseGrace = time.Second

// Wait polls a task until it is completed or failed. It returns the last task seen, with
// any error; the task is nil only if none was seen.
//
// If the task failed, the error is a [*TaskFailedError]. An invalid task ID or option is
// reported as such ([ErrInvalidTaskID]) before anything is sent. Any other error is a
// [*WaitError] that wraps the reason: [ErrWaitTimeout], by default after 30 minutes
// ([WithMaxWait]); the context's error; an error from the key function
// ([WithAPIKeyFunc]); or a permanent [*APIError]: a 400, [ErrUnauthorized],
// [ErrForbidden] or [ErrTaskNotFound], even if it is an HTML page. Relays respond to a
// create request before they store the task, so a missing task is polled again within the
// first ten seconds of the wait. Nothing else ends a wait: it continues after lost
// connections, 5xx, 429, truncated responses, other HTML pages and unknown statuses.
//
// Wait polls as rarely as possible. The first poll is immediate. A relay usually updates
// stored tasks every 15 seconds and reports when it last did so; Wait then polls shortly
// after each update. Realtime tasks, for which the relay queries its upstream on each
// read, are polled after 2 s, then with delays that shrink from 15 s to 5 s. Otherwise
// Wait polls after 2 s, then with delays that grow by 50% up to 15 s. A Retry-After takes
// precedence, up to two minutes; consecutive errors lengthen the delay up to one minute.
// The last poll is at the deadline, unless a Retry-After extends past it.
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
	task     *Task     // the last one seen
	err      error     // of the last poll
	number   uint64    // in the queue of a WaitAll
}

func newWait(c *Client, cfg *waitConfig, taskID string) *wait {
	now := time.Now()
	w := &wait{waitConfig: cfg, client: c, cursor: Cursor{TaskID: taskID, StartedAt: now, NextAt: now}}
	if cfg.maxWait > 0 {
		w.deadline = now.Add(cfg.maxWait)
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
	if !w.deadline.IsZero() && w.earliest.After(w.deadline) {
		return nil, w.end(timeoutError{})
	}
	pollCtx, cancel := w.pollContext(ctx)
	defer cancel()
	started := time.Now()
	task, cursor, err := w.client.poll(pollCtx, w.cursor, w.schedule)
	if err != nil && pollCtx.Err() != nil {
		if ctx.Err() == nil { // the deadline cut the poll off
			w.err = fmt.Errorf("%w: no response before the deadline: %w", ErrUnavailable, context.DeadlineExceeded)
		}
		return nil, w.end(retry.Cause(pollCtx))
	}
	w.cursor, w.err = cursor, err
	if task != nil {
		w.task = task
	}
	switch {
	case err == nil && cursor.Done:
		return task, task.Err()
	case cursor.Done:
		return nil, w.end(err)
	case !w.deadline.IsZero() && !time.Now().Before(w.deadline):
		return task, w.end(timeoutError{})
	}
	w.earliest = started.Add(poll.Floor)
	if cursor.retryAfter > 0 {
		w.earliest = cursor.NextAt
	}
	w.keepDeadline()
	w.logError(ctx)
	return task, nil
}

// pollContext returns the context of one poll, which ends shortly after the deadline. A
// wait that comes too late for its deadline, because the caller of a WaitAll was busy,
// still gets its last poll.
func (w *wait) pollContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if w.deadline.IsZero() {
		return ctx, func() {}
	}
	deadline := w.deadline
	if now := time.Now(); now.After(deadline) {
		deadline = now
	}
	return context.WithDeadlineCause(ctx, deadline.Add(responseGrace), timeoutError{})
}

// postpone delays the next poll.
func (w *wait) postpone(until time.Time) {
	if w.cursor.NextAt.Before(until) {
		w.cursor.NextAt, w.earliest = until, until
		w.keepDeadline()
	}
}

// keepDeadline moves a poll that would come after the deadline, or so shortly before it
// that no other could follow, to the deadline. If no poll is allowed there yet, the wait
// ends without one.
func (w *wait) keepDeadline() {
	if !w.deadline.IsZero() && w.cursor.NextAt.After(w.deadline.Add(-poll.Floor)) {
		w.cursor.NextAt = w.deadline
	}
}

// end ends the wait before its task has ended.
func (w *wait) end(reason error) error {
	w.cursor.Done = true
	if errors.Is(reason, ErrInvalidTaskID) {
		return reason // the wait has not started
	}
	return &WaitError{
		TaskID: w.cursor.TaskID, Task: w.task, Elapsed: time.Since(w.cursor.StartedAt), Last: w.err, reason: reason,
	}
}

func (w *wait) logError(ctx context.Context) {
	if w.err == nil {
		return
	}
	level, message := slog.LevelWarn, "reading task failed, polling again"
	if isPermanent(w.err) { // but the wait continues, so this is expected
		level, message = slog.LevelDebug, "the relay has not stored the task yet"
	}
	w.client.logger.LogAttrs(ctx, level, message,
		slog.String("task_id", w.cursor.TaskID), slog.Any("error", w.err))
}

// timeoutError is the reason for the end of a wait that reached its own deadline.
type timeoutError struct{}

func (timeoutError) Error() string { return ErrWaitTimeout.Error() }

func (timeoutError) Is(target error) bool {
	return target == ErrWaitTimeout || target == context.DeadlineExceeded
}

// waitQueue is a [heap.Interface] of waits: the one that is due first, and of those due
// at the same time the one that was pushed first.
type waitQueue []*wait

func (q waitQueue) Len() int      { return len(q) }
func (q waitQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

func (q waitQueue) Less(i, j int) bool {
	if order := q[i].cursor.NextAt.Compare(q[j].cursor.NextAt); order != 0 {
		return order < 0
	}
	return q[i].number < q[j].number
}

func (q *waitQueue) Push(w any) { *q = append(*q, w.(*wait)) }

func (q *waitQueue) Pop() any {
	last := len(*q) - 1
	w := (*q)[last]
	(*q)[last] = nil // release it
	*q = (*q)[:last]
	return w
}
