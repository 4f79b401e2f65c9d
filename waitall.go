package xiexus

import (
	"context"
	"iter"
)

// Outcome is the result of the wait for one of many tasks.
type Outcome struct {
	// TaskID is the ID of the task.
	TaskID string
	// Task is the last task seen, or nil if none was. Raw may be missing unless the
	// task is completed or failed.
	Task *Task
	// Err is what [Client.Wait] returns: nil for a completed task.
	Err error
}

// WaitAll waits for many tasks concurrently and yields each when its wait is over, in the
// order in which they end. Repeated IDs are waited for only once. If an option is invalid,
// the only Outcome is that error, without a TaskID.
//
// At most [WithConcurrency] requests are in flight, by default 16, subject to
// [WithRateLimit]; the task that has been due the longest is polled first. A Retry-After
// on a 429 delays the polls of all tasks, because it applies to the relay, not to a task.
// While the loop body runs, polling continues until the number of undelivered outcomes
// reaches the concurrency. When ctx ends, every remaining task is yielded with a
// [*WaitError] that wraps the context's error. Breaking out of the loop stops everything.
//
// taskIDs is read in its own goroutine, no faster than tasks can be polled for the first
// time, so the sequence may be slow or infinite. After ctx or the loop ends, no more IDs
// are read. WaitAll uses about 600 bytes for each task that it is waiting for, and about
// 50 bytes plus the ID for each ID that it has ever read. To bound the former, let the
// sequence block.
func (c *Client) WaitAll(ctx context.Context, taskIDs iter.Seq[string], opts ...WaitOption) iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		cfg, err := newWaitConfig(opts)
		if err == nil {
			err = notNil("WaitAll", taskIDs == nil)
		}
		if err != nil {
			yield(Outcome{Err: err})
			return
		}
		c.schedule(ctx, cfg, taskIDs, yield)
	}
}
