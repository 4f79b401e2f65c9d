package xiexus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// Get reads a task once. A task that failed is no error of Get: see Task.Err.
//
// A network error, a 408, a 429 or a 5xx is tried again, as WithMaxRetries says.
// An id that cannot be one is ErrInvalidTaskID, before anything is sent. An
// answer that is no task is an *APIError; no answer at all is ErrUnavailable.
func (c *Client) Get(ctx context.Context, taskID string) (*Task, error) {
	if err := c.checkTaskID(taskID); err != nil {
		return nil, err
	}
	reading, err := c.ask(ctx, taskID, time.Time{})
	if err != nil && c.maxRetries > 0 {
		reading, err = c.askAgain(ctx, taskID, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read task %q: %w", taskID, err)
	}
	return reading.task, nil
}

// askAgain repeats a read that failed, where that may help.
func (c *Client) askAgain(ctx context.Context, taskID string, failed error) (reading, error) {
	policy := retry.Policy{
		MaxRetries: c.maxRetries,
		Judge:      judge,
		Notify: func(err error, delay time.Duration) {
			c.logger.LogAttrs(ctx, slog.LevelWarn, "reading the task failed, trying again",
				slog.String("task_id", taskID), slog.Any("error", err), slog.Duration("delay", delay))
		},
	}
	return retry.After(ctx, failed, policy, func() (reading, error) { return c.ask(ctx, taskID, time.Time{}) })
}

// judge says whether a read is worth another try.
func judge(err error) retry.Verdict {
	var answer *APIError
	if errors.As(err, &answer) {
		return retry.Verdict{Again: answer.told.Transient(), After: answer.RetryAfter}
	}
	return retry.Verdict{Again: errors.Is(err, ErrUnavailable)}
}

// reading is a task and what the answer tells of the next question.
type reading struct {
	task       *Task
	retryAfter time.Duration
	live       bool   // the relay asked its upstream
	dated      string // the answer's Date header
}

// date is the server's clock when it answered, or zero.
func (r reading) date() time.Time {
	date, err := http.ParseTime(r.dated)
	if err != nil {
		return time.Time{}
	}
	return date
}

// ask reads a task with one request: the place where tasks are read, whoever
// wants to know. By until, if that is not zero, it is over. Its errors are
// *APIError, ErrUnavailable, the key function's, or the context's.
func (c *Client) ask(ctx context.Context, taskID string, until time.Time) (reading, error) {
	answer, err := c.exchange(ctx, until, relay.Reader.Read, func(ctx context.Context) (*http.Request, error) {
		return c.api.RequestGetVideoGeneration(ctx, taskID)
	})
	if err != nil {
		return reading{}, err
	}
	return reading{
		task:       newTask(taskID, answer.Task),
		retryAfter: answer.RetryAfter,
		live:       answer.Live,
		dated:      answer.Date,
	}, nil
}
