package xiexus

import (
	"context"
	"iter"
)

// Outcome is the result of the wait for one of many tasks, or of the read of one.
type Outcome struct {
	// TaskID is the ID of the task.
	TaskID string
	// Task is the last task seen, or nil if none was. Raw may be missing unless the task
	// is completed or failed. A task that was read with others has only what the relay
	// stores: Format and Metadata may be missing.
	Task *Task
	// Err is what [Client.Wait] returns, nil for a completed task, or for
	// [Client.GetAll] what [Client.Get] returns.
	Err error
}

// WaitAll waits for many tasks concurrently and yields each when its wait is over, in the
// order in which they end. Repeated IDs are waited for only once. If an option is invalid,
// the only Outcome is that error, without a TaskID.
//
// Tasks that are due together are read with one request, by default up to 100
// ([WithBatchSize]), through a route that is not part of the OpenAPI document. A task that
// the response leaves out is read on its own, and only that decides whether it exists. If
// the relay refuses the route, the client reads each task on its own from then on.
//
// At most [WithConcurrency] requests are in flight, by default 16, subject to
// [WithRateLimit]; the task that has been due the longest is polled first. A Retry-After
// on a 429 delays the polls of all tasks, because it applies to the relay, not to a task.
// While the loop body runs, requests start as long as those in flight and the undelivered
// outcomes are fewer than the concurrency; each may end as many waits as it reads tasks.
// Tasks that are too large for a full batch count one by one.
// When ctx ends, every remaining task is yielded with a [*WaitError] that wraps the
// context's error; if not all IDs were read, that is a last Outcome without a TaskID.
// Breaking out of the loop stops everything.
//
// taskIDs is read in its own goroutine, not much faster than tasks can be polled for the
// first time, so the sequence may be slow or infinite. After ctx or the loop ends, no more
// IDs are read. WaitAll uses about 600 bytes for each task that it is waiting for, and
// about 50 bytes plus the ID for each ID that it has ever read; a million IDs of 37 bytes
// took 260 MB at most, including garbage. To bound the former, let the sequence block.
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
