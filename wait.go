package xiexus

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// answerGrace is what a question that is under way at the deadline has to come back.
const answerGrace = time.Second

// Wait asks for a task until it is completed or failed, and returns it as last
// seen, whatever the error; it is nil only if it was never seen.
//
// A failed task is a *TaskFailedError. Any other error is a *WaitError, which
// wraps the reason: ErrWaitTimeout, the context's error, an error of the function
// given to WithAPIKeyFunc, or an answer that asking again cannot change (an
// *APIError that is a 400, ErrUnauthorized, ErrForbidden or ErrTaskNotFound).
// Nothing else ends a wait: lost connections, 5xx, 429, cut answers, pages of
// HTML and unknown statuses are asked past.
//
// Wait asks as rarely as it can. Relays that store tasks look at them every 15
// seconds and tell when they last did: Wait then asks shortly after the next
// time, and not in between. Elsewhere it asks at once, after 2 s, and then after
// delays that grow by half to 15 s. A Retry-After on any answer comes first, up
// to two minutes, and errors in a row stretch the delays up to one. The last
// question is asked at the deadline, unless a Retry-After forbids it, and has a
// second to be answered.
func (c *Client) Wait(ctx context.Context, taskID string, opts ...WaitOption) (*Task, error) {
	if err := c.checkTaskID(taskID); err != nil {
		return nil, err
	}
	rule := c.newWaitRule(opts)
	w := newWait(taskID)
	for {
		answer := rule.step(ctx, w)
		if answer.task != nil && rule.progress != nil {
			rule.progress(answer.task)
		}
		if answer.ended {
			return w.task, answer.err
		}
		if err := sleepUntil(ctx, w.nextAt); err != nil {
			return w.task, w.endedBy(err)
		}
	}
}

// wait is the state of one wait.
type wait struct {
	taskID  string
	started time.Time
	nextAt  time.Time // when the next is due; zero is at once
	giveUp  bool      // there is no time for another question: at nextAt the wait ends
	pace    poll.State
	task    *Task // as last seen
	last    error // of the last question, nil if it was answered with a task
}

func newWait(taskID string) *wait { return &wait{taskID: taskID, started: time.Now()} }

// waitRule is what all waits of one call have in common.
type waitRule struct {
	waitConfig
	client *Client
}

// answer is what a step of a wait has brought.
type answer struct {
	task  *Task         // nil if the question brought none
	ended bool          // the wait is over, with err
	err   error         // nil for a completed task
	pause time.Duration // how long the relay wants to be left alone, whatever the task
}

// step asks one question and says when the next is due.
func (r *waitRule) step(ctx context.Context, w *wait) answer {
	if w.giveUp {
		return answer{ended: true, err: w.endedBy(timeoutError{})}
	}
	var until time.Time
	if r.maxWait > 0 {
		until = r.deadline(w).Add(answerGrace)
	}
	askedAt := time.Now()
	reading, err := r.client.ask(ctx, w.taskID, until)
	switch {
	case err != nil && ctx.Err() != nil:
		return answer{ended: true, err: w.endedBy(retry.Ended(ctx))}
	case err == nil:
		w.task = reading.task
	}
	w.last = err
	a := answer{task: reading.task, pause: pause(err)}
	switch {
	case isDefinite(err) && !r.client.mayAppear(err, w.taskID, r.submittedAt(w)):
		a.ended, a.err = true, w.endedBy(err)
	case err == nil && w.task.Done():
		a.ended, a.err = true, w.task.Err()
	case r.maxWait > 0 && !time.Now().Before(r.deadline(w)):
		a.ended, a.err = true, w.endedBy(timeoutError{})
	default:
		r.plan(w, askedAt, seen(reading, err))
		r.logFailure(ctx, w)
	}
	return a
}

// storingTime is how long a relay may take to store a task after it has answered its submit.
const storingTime = 10 * time.Second

// mayAppear reports whether a task that is not there may still come to be stored,
// if it was submitted at a time, or by this Client.
func (c *Client) mayAppear(err error, taskID string, submitted time.Time) bool {
	if !errors.Is(err, ErrTaskNotFound) {
		return false
	}
	return time.Since(submitted).Abs() < storingTime || time.Since(c.created.when(taskID)) < storingTime
}

// submittedAt is when the task of a wait was submitted, as far as the caller says.
func (r *waitRule) submittedAt(w *wait) time.Time {
	if r.submitted {
		return w.started
	}
	return time.Time{}
}

// pause is what a 429 asks for: it is about the relay, not about the task.
func pause(err error) time.Duration {
	var refusal *APIError
	if errors.As(err, &refusal) && errors.Is(refusal, ErrRateLimited) {
		return min(refusal.RetryAfter, poll.LongestHint)
	}
	return 0
}

// plan says when the next question is due. One that would come so shortly before
// the deadline that there could be no other is put off until then.
func (r *waitRule) plan(w *wait, askedAt time.Time, seen poll.Seen) {
	pace, delay := r.schedule.After(w.pace, seen, random())
	w.pace = pace
	w.nextAt = time.Now().Add(delay)
	deadline := r.deadline(w)
	if r.maxWait > 0 && w.nextAt.After(deadline.Add(-poll.Floor)) {
		forbidden := seen.RetryAfter > 0 && w.nextAt.After(deadline)
		w.giveUp = forbidden || deadline.Sub(askedAt) < poll.Floor
		w.nextAt = deadline
	}
}

func (r *waitRule) deadline(w *wait) time.Time { return w.started.Add(r.maxWait) }

func (r *waitRule) logFailure(ctx context.Context, w *wait) {
	if w.last == nil {
		return
	}
	level, message := slog.LevelWarn, "reading the task failed, the wait goes on"
	if isDefinite(w.last) { // and yet the wait goes on: nothing is wrong
		level, message = slog.LevelDebug, "the relay has not stored the task yet"
	}
	r.client.logger.LogAttrs(ctx, level, message, slog.String("task_id", w.taskID), slog.Any("error", w.last))
}

// endedBy is the error of a wait that ends before its task does.
func (w *wait) endedBy(reason error) error {
	return &WaitError{TaskID: w.taskID, Task: w.task, Elapsed: time.Since(w.started), Last: w.last, reason: reason}
}

// random is a number from 0 up to 1, for jitter.
func random() float64 { return rand.Float64() }

// sleepUntil returns early, with its error, when the context ends.
func sleepUntil(ctx context.Context, at time.Time) error {
	if ctx.Err() != nil {
		return retry.Ended(ctx)
	}
	d := time.Until(at)
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return retry.Ended(ctx)
	}
}
