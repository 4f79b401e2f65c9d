package xiexus

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// reading is what one request revealed about one task.
type reading struct {
	sent, received time.Time
	batch          int // how many tasks the request read through the batch route
	response       relay.Response
	err            error
}

// readOnce reads a task through the documented route.
func (c *Client) readOnce(ctx context.Context, taskID string) reading {
	sent := time.Now()
	response, err := c.read(ctx, taskID)
	return reading{sent: sent, received: time.Now(), response: response, err: err}
}

// readDue reads a task whose poll is due: through the documented route, or, if that would
// make the relay query its upstream and so could fail the task, in a batch of one.
func (c *Client) readDue(ctx context.Context, cursor *Cursor, batchSize int) reading {
	if cursor.needsBatch() && c.learned.batchSize(batchSize) > 0 {
		sent := time.Now()
		tasks, err := c.readBatch(ctx, []string{cursor.TaskID})
		verdict := c.learnFromBatch(ctx, 1, err)
		response, found := tasks[cursor.TaskID]
		if found || verdict == batchFailed || ctx.Err() != nil {
			return reading{sent, time.Now(), 1, response, err}
		}
		r := c.readOnce(ctx, cursor.TaskID)
		if verdict == batchRead && r.err == nil {
			cursor.missed++
		}
		return r
	}
	return c.readOnce(ctx, cursor.TaskID)
}

// needsBatch reports whether a read through the documented route would be a risk. A
// failure in doubt is read there, because only the upstream knows more.
func (c *Cursor) needsBatch() bool {
	return c.pace.Realtime && c.canBatch() && c.pace.Failures < mostFailed
}

// mostFailed is how many consecutive batches may fail before the documented route is tried:
// it may be that only the batch route does not work.
const mostFailed = 3

// mostMissed is how many batches may leave a task out that the relay has.
const mostMissed = 2

// canBatch reports whether the task may be read through the batch route.
func (c *Cursor) canBatch() bool { return c.missed < mostMissed && c.pace.Doubts == 0 }

// storingTime is how long a relay may take to store a task after it has responded to the
// create request.
const storingTime = 10 * time.Second

// apply is the one step that every wait consists of: it returns the task of a reading and
// the cursor for the next one.
func (c *Client) apply(cursor Cursor, schedule poll.Schedule, r reading) (*Task, Cursor, error) {
	if errors.Is(r.err, ErrInvalidTaskID) {
		cursor.Done = true
		return nil, cursor, r.err
	}
	if cursor.StartedAt.IsZero() {
		cursor.StartedAt = r.sent
	}
	cursor.Attempts++
	age := r.received.Sub(cursor.StartedAt).Abs()
	mayBeStored := errors.Is(r.err, ErrTaskNotFound) && age < storingTime
	var task *Task
	if r.err == nil {
		task = newTask(cursor.TaskID, r.response.Task)
	}
	seen := r.observe()
	seen.Doubtful = task != nil && isDoubtful(task, seen.Live || r.batch > 0, cursor.pace)
	pace, delay := c.learned.next(schedule, cursor.pace, seen)
	if mayBeStored && seen.RetryAfter == 0 {
		delay = max(min(delay, storingTime-age), poll.Floor) // the last of these polls decides
	}
	cursor.pace, cursor.noBatches = pace, c.learned.refusesBatches()
	cursor.retryAfter, cursor.NextAt = seen.RetryAfter, r.received.Add(delay)
	cursor.countDenial(r.err)
	switch {
	case r.err != nil:
		isFinal := isPermanent(r.err) && !mayBeStored && !cursor.isDenialDoubtful(r.err)
		ofBatch := r.batch > 0 && errors.As(r.err, new(*APIError)) // which decides about no task
		cursor.Done = isFinal && !ofBatch
	case seen.Doubtful:
		task.Status = StatusUnknown
	default:
		cursor.Done = task.Done()
		if task.Done() && cursor.Attempts > 1 {
			task.finishSeen = r.received
		}
	}
	return task, cursor, r.err
}

// mostDenials is how many responses in a row must reject the key until a wait believes it: a
// relay whose database fails rejects every key.
const mostDenials = 3

// countDenial counts responses in which the relay itself rejects the key.
func (c *Cursor) countDenial(err error) {
	var apiErr *APIError
	if c.denials++; !errors.Is(err, ErrUnauthorized) || !errors.As(err, &apiErr) || !apiErr.response.Worded {
		c.denials = 0
	}
}

func (c *Cursor) isDenialDoubtful(err error) bool {
	return errors.Is(err, ErrUnauthorized) && c.denials < mostDenials
}

// mostDoubts is how often a failure that may not be final is read again.
const mostDoubts = 3

// isDoubtful reports whether a failure may not be final: when the upstream of a realtime
// task rejects a read, because there are too many, the relay reports the task as failed,
// without a reason. A later read may return the video. A batch does not show whether a task
// is realtime.
func isDoubtful(task *Task, mayBeLive bool, pace poll.State) bool {
	if !relay.IsFailed(task.Status) || pace.Doubts >= mostDoubts || !mayBeLive && !pace.Realtime {
		return false
	}
	code, message := relay.FailureReason(task.VideoTask)
	return cmp.Or(task.errorCode, code, message) == ""
}

// observe extracts what a reading reveals about when to poll next.
func (r reading) observe() poll.Observation {
	task := r.response.Task
	seen := poll.Observation{
		Failed:      r.err != nil,
		Live:        r.response.Live,
		Batch:       r.batch,
		RetryAfter:  r.response.RetryAfter,
		SentAt:      r.sent,
		ReceivedAt:  r.received,
		Date:        r.response.Date,
		SubmittedAt: task.SubmittedAt,
		StartedAt:   task.StartedAt,
		UpdatedAt:   task.UpdatedAt,
	}
	var apiErr *APIError
	if errors.As(r.err, &apiErr) {
		seen.RetryAfter, seen.Date = apiErr.RetryAfter, apiErr.response.Date
	}
	return seen
}
