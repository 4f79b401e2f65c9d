package xiexus

import (
	"context"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// Polled is the result of [Client.PollAll] for one cursor: what [Client.Poll] returns.
type Polled struct {
	// Task is the task, or nil if it was not polled or the poll failed.
	Task *Task
	// Cursor is the cursor to store, whether the task was polled or not.
	Cursor Cursor
	// Err is the error of the poll. Unless Cursor is Done, the next poll may succeed.
	Err error
}

// PollAll polls once the tasks of all cursors that are due, with as few requests as
// possible, and returns a result for each cursor, in the same order. It is [Client.Poll]
// for job queues that keep many cursors together: store the cursors, and call PollAll again
// at the earliest NextAt of those that are not Done.
//
// Unlike Poll, PollAll does not sleep until a cursor is due: it returns one that is not, or
// that is Done, without a task or an error. Cursors due within the next quarter of a
// second are waited for, so that they share requests with those that are due now. Tasks
// are read together as by [Client.WaitAll], and those that a response leaves out on their
// own. Of the options, [WithConcurrency], [WithBatchSize], [WithInterval] and [WithProgress]
// have an effect.
//
// NextAt may change without a poll: that of a task that this client has just created is set
// to when it can have changed; a Retry-After on a 429 postpones all cursors, and no more
// requests are sent; and if NextAt is more than two minutes away, which only another clock
// can have written, it is set to two minutes from now. If ctx ends, the cursors that are due
// and have no response are returned unchanged with the context's error. If an option is
// invalid, all are, with that error.
func (c *Client) PollAll(ctx context.Context, cursors []Cursor, opts ...WaitOption) []Polled {
	cfg, err := newWaitConfig(opts)
	results := make([]Polled, len(cursors))
	for i, cursor := range cursors {
		results[i] = Polled{Cursor: cursor, Err: err}
	}
	if err != nil {
		return results
	}
	cfg.oneStep = true
	waits, latest := c.dueWaits(cfg, results)
	var resumeAt time.Time
	if retry.Sleep(ctx, time.Until(latest)) == nil {
		resumeAt = c.stepAll(ctx, cfg, waits)
	}
	for i, w := range waits {
		switch {
		case w == nil: // not due
		case w.settled:
			results[i] = Polled{w.task, w.cursor.asStored(), w.err}
		case ctx.Err() != nil:
			results[i].Err = retry.Cause(ctx)
		}
		results[i].Cursor = results[i].Cursor.postpone(resumeAt)
	}
	return results
}

// dueWaits resumes all cursors. It returns a wait for each that is due, nil for the others, and
// when the last of them is due.
func (c *Client) dueWaits(cfg *waitConfig, results []Polled) (waits []*wait, latest time.Time) {
	now := time.Now()
	waits = make([]*wait, len(results))
	for i := range results {
		cursor := c.resume(results[i].Cursor, cfg.schedule, now)
		results[i].Cursor = cursor
		if cursor.Done || cursor.NextAt.Sub(now) > poll.Together {
			continue
		}
		waits[i] = &wait{waitConfig: cfg, client: c, cursor: cursor}
		if cursor.NextAt.After(latest) {
			latest = cursor.NextAt
		}
	}
	return waits, latest
}

// stepAll takes one step of each wait that is not nil. It returns until when a 429 forbids
// polls, if at all.
func (c *Client) stepAll(ctx context.Context, cfg *waitConfig, waits []*wait) time.Time {
	ctx, cancel := context.WithCancel(ctx)
	s := newScheduler(c, cfg)
	for _, w := range waits {
		if w != nil {
			s.push(w)
		}
	}
	s.deliver(ctx, cancel, nil, func(Outcome) bool { return true }) // it has none
	return s.resumeAt
}
