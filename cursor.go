package xiexus

import (
	"context"
	"encoding/json"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// Cursor is the state of a wait for one task, with what was learned about its relay: when
// passes come, the difference of the clocks, and whether it refuses batches. It holds
// everything that another process or a later release needs to resume the wait, but no key
// and no URL. It marshals to JSON. Create one with [NewCursor] and pass it to [Client.Poll].
type Cursor struct {
	// TaskID is the ID of the task.
	TaskID string `json:"task_id"`
	// StartedAt is when the wait began, at its first poll. It is zero before that.
	StartedAt time.Time `json:"started_at,omitzero"`
	// NextAt is when the next poll is due; zero means now.
	NextAt time.Time `json:"next_at,omitzero"`
	// Attempts is the number of polls so far.
	Attempts int `json:"attempts"`
	// Done reports that the wait is over: the task is completed or failed, or the
	// last error was permanent.
	Done bool `json:"done,omitzero"`

	pace       poll.State
	noBatches  bool          // the relay refuses the batch route
	missed     int           // batches that left the task out, although the relay has it
	denials    int           // consecutive responses that rejected the key
	retryAfter time.Duration // of the last response; NextAt obeys it
}

// NewCursor returns a Cursor for a wait that has not started.
func NewCursor(taskID string) Cursor { return Cursor{TaskID: taskID} }

// storedCursor is a Cursor in JSON. Fields may be added, and keep their meaning.
type storedCursor struct {
	plainCursor
	Pace      poll.State `json:"pace,omitzero"`
	NoBatches bool       `json:"no_batches,omitzero"`
	Missed    int        `json:"missed,omitzero"`
	Denials   int        `json:"denials,omitzero"`
}

type plainCursor Cursor // without its methods

// MarshalJSON encodes the cursor. The only error is about a time that RFC 3339 cannot
// express.
func (c Cursor) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedCursor{plainCursor(c), c.pace, c.noBatches, c.missed, c.denials})
}

// UnmarshalJSON decodes a cursor encoded by this or any other release. Unknown fields are
// ignored. It returns the error of [json.Unmarshal] if data is not a cursor.
func (c *Cursor) UnmarshalJSON(data []byte) error {
	var stored storedCursor
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	*c = Cursor(stored.plainCursor)
	c.pace, c.noBatches, c.missed, c.denials = stored.Pace, stored.NoBatches, stored.Missed, stored.Denials
	return nil
}

// Poll polls once and returns the cursor for the next poll. It is for programs that
// schedule their own work, such as job queues: store the cursor, call Poll again at
// NextAt, and stop when the cursor is Done. If called before NextAt, Poll sleeps until
// then, but never longer than two minutes. A task that this client has just created is
// first polled when it can have changed; see [Client.Wait] for this and the later polls.
// A client that has learned nothing about its relay begins with what the cursor holds. To
// poll many tasks, use [Client.PollAll].
//
// If this poll fails, Poll returns the error and a nil task; unless the cursor is Done,
// the next poll may succeed. A failed task is returned without an error; see [Task.Err].
// If ctx ends before there is a response, Poll returns the cursor unchanged. A cursor that
// is Done is returned as it is, with a nil task and no error.
func (c *Client) Poll(ctx context.Context, cursor Cursor) (*Task, Cursor, error) {
	if cursor.Done {
		return nil, cursor, nil
	}
	due := c.resume(cursor, poll.Schedule{}, time.Now()).NextAt
	if err := retry.Sleep(ctx, time.Until(due)); err != nil {
		return nil, cursor, err
	}
	r := c.readDue(retry.WithAttempt(ctx, int(cursor.pace.Failures)+1), &cursor, defaultBatchSize)
	if r.err != nil && ctx.Err() != nil {
		return nil, cursor, r.err
	}
	task, cursor, err := c.apply(cursor, poll.Schedule{}, r)
	return task, cursor.asStored(), err
}

// resume learns from a cursor and returns it with the time when its next poll is due.
func (c *Client) resume(cursor Cursor, schedule poll.Schedule, now time.Time) Cursor {
	if cursor.Done {
		return cursor
	}
	if cursor.noBatches {
		c.learned.refuseBatches()
	}
	if cursor.Attempts == 0 && cursor.NextAt.IsZero() {
		if due := c.learned.firstPoll(cursor.TaskID, schedule, now); due.After(now) {
			cursor.NextAt = due.Round(0)
		}
	}
	if latest := now.Add(poll.LongestRetryAfter).Round(0); cursor.NextAt.After(latest) {
		cursor.NextAt = latest // the clock of another machine may have written it
	}
	return cursor
}

// postpone returns a cursor that is not due before a time.
func (c Cursor) postpone(until time.Time) Cursor {
	if !c.Done && c.NextAt.Before(until) {
		c.NextAt = until.Round(0)
	}
	return c
}

// asStored returns the cursor with times as they are stored, without monotonic clocks.
func (c Cursor) asStored() Cursor {
	c.StartedAt, c.NextAt = c.StartedAt.Round(0), c.NextAt.Round(0)
	return c
}
