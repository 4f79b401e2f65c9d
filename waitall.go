package xiexus

import (
	"context"
	"iter"
)

// Outcome is how the wait for one of many tasks has ended.
type Outcome struct {
	// TaskID is the task that was waited for.
	TaskID string
	// Task is the task as last seen, or nil if it never was. Without Err, and
	// with a *TaskFailedError, it is whole; else it may lack Raw.
	Task *Task
	// Err is what Wait would return: nil for a completed task.
	Err error
}

// WaitAll waits for many tasks at once and yields each as it ends, in whatever
// order they do. An id that comes again is not asked for again.
//
// At most WithConcurrency requests are under way at once, within WithRateLimit,
// and a Retry-After on a 429 makes all tasks wait, because it is about the relay.
// What has been due longest is asked next. Asking goes on while the caller is
// busy with an outcome. When the context ends, each task that is still waited
// for is yielded with its error; breaking out of the loop stops everything.
//
// The ids are read by a goroutine of their own, as fast as they come, so that
// the sequence may be slow or endless; after the end it is asked for no further
// id. Memory is taken for each task that is waited for, about 500 bytes beside
// its id, and about 40 bytes for each id that ever came, to know it again: who
// wants to bound the first has the sequence hold ids back.
func (c *Client) WaitAll(ctx context.Context, taskIDs iter.Seq[string], opts ...WaitOption) iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		ctx, cancel := context.WithCancel(ctx)
		s := newScheduler(c.newWaitRule(opts))
		defer s.running.Wait()
		defer cancel() // before waiting
		defer close(s.abandoned)

		ids := make(chan string)
		go feed(ctx, taskIDs, ids) // not waited for: it may be held up in the caller's own sequence
		s.running.Go(func() { s.run(ctx, ids) })
		for outcome := range s.outcomes {
			if !yield(outcome) {
				return
			}
		}
	}
}

// feed sends ids until they or the context end.
func feed(ctx context.Context, taskIDs iter.Seq[string], ids chan<- string) {
	defer close(ids)
	for id := range taskIDs {
		select {
		case ids <- id:
		case <-ctx.Done():
			return
		}
	}
}
