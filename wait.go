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

const (
	defaultMaxWait = 30 * time.Minute

	// answerGrace is what a question that is under way at the deadline has to come back.
	answerGrace = time.Second
)

// WaitOption configures one wait.
type WaitOption func(*waitConfig)

type waitConfig struct {
	maxWait  time.Duration
	schedule poll.Schedule
	progress func(*Task)
}

// WithMaxWait sets the wait's own deadline. By default 30 minutes; zero or less
// waits for as long as the context allows. Relays fail unfinished tasks after 24
// hours themselves.
func WithMaxWait(d time.Duration) WaitOption {
	return func(cfg *waitConfig) { cfg.maxWait = d }
}

// WithInterval sets the delay after the first question and the longest delay;
// in between it grows by half each time, with 10 % of jitter. By default 2 s and
// 15 s, which zero stands for too. Less than a second counts as a second.
func WithInterval(first, longest time.Duration) WaitOption {
	return func(cfg *waitConfig) { cfg.schedule = poll.Schedule{First: first, Max: longest} }
}

// WithProgress calls fn with the task after each read of it, the last one too,
// from the goroutine that called Wait.
func WithProgress(fn func(*Task)) WaitOption {
	return func(cfg *waitConfig) { cfg.progress = fn }
}

// Wait asks for a task until it is completed or failed, and returns it as last
// seen, whatever the error; it is nil only if it was never seen.
//
// A failed task is a *TaskFailedError. Any other error is a *WaitError, which
// wraps the reason: ErrWaitTimeout, the context's error, or an answer that
// asking again cannot change (an *APIError that is a 400, ErrUnauthorized,
// ErrForbidden or ErrTaskNotFound). Nothing else ends a wait: lost connections,
// 5xx, 429, cut answers and unknown statuses are asked past.
//
// Wait asks at once, then as WithInterval says. A Retry-After on any answer
// comes first, up to two minutes. The last question is asked at the deadline.
func (c *Client) Wait(ctx context.Context, taskID string, opts ...WaitOption) (*Task, error) {
	if err := checkTaskID(taskID); err != nil {
		return nil, err
	}
	w := wait{client: c, taskID: taskID, started: time.Now()}
	w.maxWait = defaultMaxWait
	for _, opt := range opts {
		opt(&w.waitConfig)
	}
	return w.run(ctx)
}

// wait is the state of one Wait.
type wait struct {
	waitConfig
	client  *Client
	taskID  string
	started time.Time

	asked   int       // questions so far
	askedAt time.Time // when the last one was asked
	task    *Task     // as last seen
	last    error     // of the last question, nil if it was answered with a task
}

func (w *wait) run(ctx context.Context) (*Task, error) {
	for {
		hint, err := w.ask(ctx)
		switch {
		case err != nil:
			return w.end(err)
		case w.last == nil && w.task.Done():
			return w.task, w.task.Err()
		case w.expired():
			return w.end(timeoutError{})
		}
		delay, lastChance := w.next(hint)
		if err := sleep(ctx, delay); err != nil {
			return w.end(err)
		}
		if !lastChance && w.expired() {
			return w.end(timeoutError{})
		}
	}
}

// ask asks one question. Its error is one that ends the wait.
func (w *wait) ask(ctx context.Context) (hint time.Duration, err error) {
	bounded := ctx
	if w.maxWait > 0 {
		var cancel context.CancelFunc
		bounded, cancel = context.WithDeadline(ctx, w.deadline().Add(answerGrace))
		defer cancel()
	}
	w.asked++
	w.askedAt = time.Now()
	answer, err := w.client.ask(bounded, w.taskID)
	if err == nil {
		w.task, w.last = answer.task, nil
		if w.progress != nil {
			w.progress(w.task)
		}
		return answer.retryAfter, nil
	}
	if ctx.Err() != nil {
		return 0, retry.Ended(ctx)
	}
	w.last = err
	var refusal *APIError
	if errors.As(err, &refusal) {
		if refusal.told.Definite() {
			return 0, err
		}
		hint = refusal.RetryAfter
	} else if !errors.Is(err, ErrUnavailable) && bounded.Err() == nil {
		return 0, err // of the caller's own: the function that hands out the key
	}
	w.client.logger.LogAttrs(ctx, slog.LevelWarn, "reading the task failed, the wait goes on",
		slog.String("task_id", w.taskID), slog.Any("error", err))
	return hint, nil
}

// next returns the delay before the next question. lastChance reports that it
// is the one at the deadline; a question so shortly before that there could be
// no other is put off until then.
func (w *wait) next(hint time.Duration) (delay time.Duration, lastChance bool) {
	delay = w.schedule.Next(w.asked, hint, rand.Float64())
	left := time.Until(w.deadline())
	if w.maxWait <= 0 || delay <= left-poll.Floor {
		return delay, false
	}
	return left, w.deadline().Sub(w.askedAt) >= poll.Floor
}

func (w *wait) deadline() time.Time { return w.started.Add(w.maxWait) }

func (w *wait) expired() bool { return w.maxWait > 0 && !time.Now().Before(w.deadline()) }

// end is a wait that ends before its task does.
func (w *wait) end(reason error) (*Task, error) {
	err := &WaitError{TaskID: w.taskID, Task: w.task, Elapsed: time.Since(w.started), reason: reason}
	if w.last != nil && !errors.Is(w.last, reason) {
		err.last = w.last
	}
	return w.task, err
}

// sleep returns early, with its error, when the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return retry.Ended(ctx)
	}
}
