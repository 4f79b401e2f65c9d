package xiexus

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// request is what a request of a scheduler returned for its waits.
type request struct {
	slots    int // that it took of the concurrency
	steps    []stepped
	panicked any // what a function of the caller has panicked with
}

// stepped is a wait after a step, and what the step returned.
type stepped struct {
	wait *wait
	task *Task
	err  error
}

// stepTogether is [wait.step] of waits that are due, with one request.
func (c *Client) stepTogether(ctx context.Context, waits []*wait) []stepped {
	if len(waits) == 1 {
		task, err := waits[0].step(ctx)
		return []stepped{{waits[0], task, err}}
	}
	var steps []stepped
	var due []*wait
	var ids []string
	for _, w := range waits {
		switch {
		case ctx.Err() != nil:
			steps = append(steps, stepped{w, nil, w.end(retry.Cause(ctx))})
		case !w.mayPoll():
			steps = append(steps, stepped{w, nil, w.end(timeoutError{})})
		case c.checkTaskID(w.cursor.TaskID) != nil:
			w.alone = true // a read of its own reports why
			steps = append(steps, stepped{wait: w})
		default:
			due, ids = append(due, w), append(ids, w.cursor.TaskID)
		}
	}
	if len(due) == 0 {
		return steps
	}
	return append(steps, c.readTogether(ctx, due, ids)...)
}

// readTogether reads tasks with one request. A wait that the response says nothing about
// stays due.
func (c *Client) readTogether(ctx context.Context, due []*wait, ids []string) []stepped {
	pollCtx, cancel := earliest(due).pollContext(ctx)
	defer cancel()
	sent := time.Now()
	tasks, err := c.readBatch(retry.WithAttempt(pollCtx, due[0].failures()+1), ids)
	received := time.Now()
	cutOff := err != nil && pollCtx.Err() != nil
	verdict := batchFailed
	if !cutOff {
		verdict = c.learnFromBatch(ctx, len(ids), err)
	}
	steps := make([]stepped, len(due))
	for i, w := range due {
		steps[i].wait = w
		response, found := tasks[ids[i]]
		switch {
		case cutOff && (ctx.Err() != nil || w.isOverdue(received)):
			steps[i].err = w.interrupted(ctx, pollCtx)
		case cutOff: // by the deadline of another wait
			w.delay(received.Add(poll.Floor))
		case verdict == batchFailed && (i == 0 || w.once) && w.isLastBatch(err):
			w.readAlone(received, err) // the others see whether that works
		case found || verdict == batchFailed:
			r := reading{sent, received, len(ids), response, err}
			steps[i].task, steps[i].err = w.settle(r)
		case verdict == batchHuge:
			w.cursor.missed = mostMissed
		default:
			w.alone = verdict == batchRead || verdict == batchUnclear
		}
	}
	if verdict == batchFailed {
		retryTogether(due)
		due[0].logError(ctx)
	}
	return steps
}

// isLastBatch reports whether the documented route is tried after the error of a batch.
func (w *wait) isLastBatch(err error) bool {
	most := mostFailed
	if w.once {
		most = min(most, w.client.maxRetries+1)
	}
	return w.failures() >= most-1 && !errors.Is(err, ErrRateLimited) && !isPermanent(err)
}

// readAlone makes the next read one of the task alone, as soon as a Retry-After allows it.
func (w *wait) readAlone(now time.Time, err error) {
	w.alone = true
	if verdict := retryRead(err); verdict.After > 0 {
		w.postpone(now.Add(verdict.Delay(0, 0)))
	}
}

// retryTogether removes the jitter between waits whose poll failed with the same request. It
// does not delay one that is read on its own now.
func retryTogether(waits []*wait) {
	next := slices.MaxFunc(waits, func(a, b *wait) int { return a.cursor.NextAt.Compare(b.cursor.NextAt) }).cursor.NextAt
	for _, w := range waits {
		if !w.alone {
			w.delay(next)
		}
	}
}

// earliest returns the wait whose deadline comes first.
func earliest(waits []*wait) *wait {
	first := waits[0]
	for _, w := range waits {
		if !w.deadline.IsZero() && (first.deadline.IsZero() || w.deadline.Before(first.deadline)) {
			first = w
		}
	}
	return first
}
