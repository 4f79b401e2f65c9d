package xiexus

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
)

// Cursor is how far the wait for one task has come: all that is needed to go on
// with it, in another process or with a later release. It marshals to JSON and
// holds no key and no address. Make one with NewCursor.
type Cursor struct {
	// TaskID is the task that is waited for.
	TaskID string
	// StartedAt is when the first question was asked; zero before it.
	StartedAt time.Time
	// NextAt is when the next question is due; zero means now.
	NextAt time.Time
	// Attempts is how many questions were asked.
	Attempts int
	// SubmittedAt is when the task was submitted, if it was just before: for ten
	// seconds after it a task that is not there is not given up, because relays
	// answer a submit before they store the task. By default it is zero.
	SubmittedAt time.Time
	// Done reports that there is nothing more to ask: the task is completed or
	// failed, or asking again cannot change the answer.
	Done bool

	pace poll.State
}

// NewCursor returns the cursor of a wait that is to begin.
func NewCursor(taskID string) Cursor { return Cursor{TaskID: taskID} }

// cursorJSON is a stored Cursor. Fields may join; none may change its meaning.
type cursorJSON struct {
	TaskID    string     `json:"task_id"`
	StartedAt time.Time  `json:"started_at,omitzero"`
	NextAt    time.Time  `json:"next_at,omitzero"`
	Attempts  int        `json:"attempts"`
	Submitted time.Time  `json:"submitted_at,omitzero"`
	Done      bool       `json:"done,omitzero"`
	Pace      poll.State `json:"pace,omitzero"`
}

// MarshalJSON encodes the cursor.
func (c Cursor) MarshalJSON() ([]byte, error) {
	return json.Marshal(cursorJSON{c.TaskID, c.StartedAt, c.NextAt, c.Attempts, c.SubmittedAt, c.Done, c.pace})
}

// UnmarshalJSON decodes a cursor that MarshalJSON encoded.
func (c *Cursor) UnmarshalJSON(data []byte) error {
	var stored cursorJSON
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	*c = Cursor{stored.TaskID, stored.StartedAt, stored.NextAt, stored.Attempts, stored.Submitted, stored.Done, stored.Pace}
	return nil
}

// Poll asks one question of a wait and returns the cursor to go on with. It is
// for programs that do the sleeping themselves, such as job queues: store the
// cursor, come back at NextAt, call Poll again, until the cursor is Done. A call
// before NextAt first waits until then.
//
// The error is that of this one question, and the task is nil with it; unless
// the cursor is Done, asking again at NextAt may bring the task after all. A task that
// failed is no error of Poll: see Task.Err. When the context ends before there is
// an answer, the cursor comes back as it was.
func (c *Client) Poll(ctx context.Context, cursor Cursor) (*Task, Cursor, error) {
	if err := c.checkTaskID(cursor.TaskID); err != nil {
		cursor.Done = true
		return nil, cursor, err
	}
	if err := sleepUntil(ctx, cursor.NextAt); err != nil {
		return nil, cursor, err
	}
	asked := time.Now()
	reading, err := c.ask(ctx, cursor.TaskID, time.Time{})
	if err != nil && ctx.Err() != nil {
		return nil, cursor, err
	}
	if cursor.StartedAt.IsZero() {
		cursor.StartedAt = asked.Round(0) // wall time: it may be stored
	}
	cursor.Attempts++
	pace, delay := poll.Schedule{}.After(cursor.pace, seen(reading, err), random())
	cursor.pace = pace
	cursor.NextAt = time.Now().Round(0).Add(delay)
	cursor.Done = isDefinite(err) && !c.mayAppear(err, cursor.TaskID, cursor.SubmittedAt) || err == nil && reading.task.Done()
	return reading.task, cursor, err
}

// seen is what a question brought, in the schedule's terms.
func seen(reading reading, err error) poll.Seen {
	if err != nil {
		seen := poll.Seen{Failed: true}
		if refusal := (*APIError)(nil); errors.As(err, &refusal) {
			seen.RetryAfter = refusal.RetryAfter
		}
		return seen
	}
	return poll.Seen{
		RetryAfter:  reading.retryAfter,
		Live:        reading.live,
		Date:        reading.date(),
		SubmittedAt: reading.task.SubmittedAt,
		StartedAt:   reading.task.StartedAt,
		UpdatedAt:   reading.task.UpdatedAt,
	}
}

// isDefinite reports an error that asking again cannot change: a bad request, a
// refused key, a task that is not there, or an error of the caller's own, from
// the function that hands out the key.
func isDefinite(err error) bool {
	var refusal *APIError
	switch {
	case err == nil:
		return false
	case errors.As(err, &refusal):
		return refusal.told.Definite()
	}
	return !errors.Is(err, ErrUnavailable) && !errors.Is(err, context.DeadlineExceeded)
}
