package xiexus

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// Cursor is the state of a wait for one task. It holds everything that another process or
// a later release needs to resume the wait, but no key and no URL. It marshals to JSON.
// Create one with [NewCursor] and pass it to [Client.Poll].
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
	retryAfter time.Duration // of the last response; NextAt obeys it
}

// NewCursor returns a Cursor for a wait that has not started.
func NewCursor(taskID string) Cursor { return Cursor{TaskID: taskID} }

// storedCursor is a Cursor in JSON. Fields may be added, and keep their meaning.
type storedCursor struct {
	plainCursor
	Pace poll.State `json:"pace,omitzero"`
}

type plainCursor Cursor // without its methods

// MarshalJSON encodes the cursor.
func (c Cursor) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedCursor{plainCursor(c), c.pace})
}

// UnmarshalJSON decodes a cursor encoded by this or any other release. Unknown fields are
// ignored.
func (c *Cursor) UnmarshalJSON(data []byte) error {
	var stored storedCursor
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	*c = Cursor(stored.plainCursor)
	c.pace = stored.Pace
	return nil
}

// Poll polls once and returns the cursor for the next poll. It is for programs that
// schedule their own work, such as job queues: store the cursor, call Poll again at
// NextAt, and stop when the cursor is Done. If called before NextAt, Poll sleeps until
// then.
//
// If this poll fails, Poll returns the error and a nil task; unless the cursor is Done,
// the next poll may succeed. A failed task is returned without an error; see [Task.Err].
// If ctx ends before there is a response, Poll returns the cursor unchanged.
func (c *Client) Poll(ctx context.Context, cursor Cursor) (*Task, Cursor, error) {
	if err := retry.Sleep(ctx, time.Until(cursor.NextAt)); err != nil {
		return nil, cursor, err
	}
	task, cursor, err := c.poll(ctx, cursor, poll.Schedule{})
	cursor.StartedAt, cursor.NextAt = cursor.StartedAt.Round(0), cursor.NextAt.Round(0) // as it is stored
	return task, cursor, err
}

// storingTime is how long a relay may take to store a task after it has responded to the
// create request.
const storingTime = 10 * time.Second

// poll is the one step that every wait consists of. It does not sleep.
func (c *Client) poll(ctx context.Context, cursor Cursor, schedule poll.Schedule) (*Task, Cursor, error) {
	started := time.Now()
	response, err := c.read(ctx, cursor.TaskID)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, cursor, err
	case errors.Is(err, ErrInvalidTaskID):
		cursor.Done = true
		return nil, cursor, err
	}
	if cursor.StartedAt.IsZero() {
		cursor.StartedAt = started
	}
	cursor.Attempts++
	age := time.Since(cursor.StartedAt).Abs()
	mayBeStored := errors.Is(err, ErrTaskNotFound) && age < storingTime
	observation := observe(response, err)
	pace, delay := schedule.Next(cursor.pace, observation, rand.Float64())
	if mayBeStored && observation.RetryAfter == 0 {
		delay = max(min(delay, storingTime-age), poll.Floor) // the last of these polls decides
	}
	cursor.pace, cursor.retryAfter, cursor.NextAt = pace, observation.RetryAfter, time.Now().Add(delay)
	if err != nil {
		cursor.Done = isPermanent(err) && !mayBeStored
		return nil, cursor, err
	}
	task := newTask(cursor.TaskID, response.Task)
	cursor.Done = task.Done()
	return task, cursor, nil
}

// observe extracts what a poll reveals about when to poll next.
func observe(response relay.Response, err error) poll.Observation {
	observation := poll.Observation{
		Failed:      err != nil,
		RetryAfter:  response.RetryAfter,
		Live:        response.Live,
		Date:        response.Date,
		SubmittedAt: response.Task.SubmittedAt,
		StartedAt:   response.Task.StartedAt,
		UpdatedAt:   response.Task.UpdatedAt,
	}
	var apiErr *APIError
	if errors.As(err, &apiErr) {
		observation.RetryAfter = apiErr.RetryAfter
	}
	return observation
}
