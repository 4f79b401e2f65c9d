package xiexus

import (
	"context"
	"iter"
)

// Watch waits for a task as Wait does and yields it each time that its status,
// its progress or its address has changed, the first time it is seen included.
// The last thing it yields is what Wait would return: the completed task and nil,
// or an error with the task as last seen. Breaking out of the loop ends the wait.
func (c *Client) Watch(ctx context.Context, taskID string, opts ...WaitOption) iter.Seq2[*Task, error] {
	return func(yield func(*Task, error) bool) {
		if err := c.checkTaskID(taskID); err != nil {
			yield(nil, err)
			return
		}
		rule := c.newWaitRule(opts)
		w := newWait(taskID)
		var shown *Task
		for {
			answer := rule.step(ctx, w)
			if answer.task != nil && rule.progress != nil {
				rule.progress(answer.task)
			}
			if answer.ended {
				yield(w.task, answer.err)
				return
			}
			if answer.task != nil && changed(shown, answer.task) {
				shown = answer.task
				if !yield(answer.task, nil) {
					return
				}
			}
			if err := sleepUntil(ctx, w.nextAt); err != nil {
				yield(w.task, w.endedBy(err))
				return
			}
		}
	}
}

// changed reports whether a task shows something new. An answer that leaves the
// progress out, as some dialects do, takes nothing back.
func changed(before, now *Task) bool {
	if before == nil || before.Status != now.Status || before.URL != now.URL {
		return true
	}
	return now.Progress != nil && (before.Progress == nil || *before.Progress != *now.Progress)
}
