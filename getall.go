package xiexus

import (
	"context"
	"iter"

	"github.com/xiexus/xiexus-go/internal/retry"
)

// GetAll reads many tasks once and yields each as soon as it has been read. Repeated IDs are
// read only once. Outcome.Err is what [Client.Get] returns: a failed task is not an error.
//
// Tasks are read together where the relay allows it; see [Client.WaitAll], whose rules for
// the sequence, for the end of ctx and for leaving the loop apply here too. Of the options,
// [WithConcurrency], [WithBatchSize] and [WithProgress] have an effect.
func (c *Client) GetAll(ctx context.Context, taskIDs iter.Seq[string], opts ...WaitOption) iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		cfg, err := newWaitConfig(opts)
		if err == nil {
			err = notNil("GetAll", taskIDs == nil)
		}
		if err != nil {
			yield(Outcome{Err: err})
			return
		}
		cfg.once, cfg.maxWait = true, 0
		c.schedule(ctx, cfg, taskIDs, yield)
	}
}

// settleOnce is [wait.settle] of a wait that is a single read, with the retries of
// [Client.Get].
func (w *wait) settleOnce(r reading) (*Task, error) {
	w.err = r.err
	if r.err == nil {
		w.task = newTask(w.cursor.TaskID, r.response.Task)
		w.cursor.Done = true
		return w.task, nil
	}
	verdict := retryRead(r.err)
	w.cursor.retryAfter = verdict.After // also after the last attempt: other tasks obey it
	w.cursor.NextAt = r.received.Add(verdict.Delay(retry.FirstDelay, w.cursor.Attempts))
	w.earliest = w.cursor.NextAt
	if !verdict.Retry || w.cursor.Attempts >= w.client.maxRetries {
		return nil, w.end(r.err)
	}
	w.cursor.Attempts++
	return nil, nil
}
