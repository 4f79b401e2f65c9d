package xiexus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// Get reads a task once. It returns a failed task without an error; see [Task.Err].
//
// By default Get retries twice ([WithMaxRetries]) after a network error, a truncated
// response, a 408, a 429 or a 5xx. For an ID that cannot be valid it returns
// [ErrInvalidTaskID] and sends nothing. If the response is not a task, the error is an
// [*APIError], which matches [ErrTaskNotFound], [ErrUnauthorized] and so on; if there is
// no response, it matches [ErrUnavailable]. A response about another task is not a task.
func (c *Client) Get(ctx context.Context, taskID string) (*Task, error) {
	policy := c.retries(ctx, retryRead, "reading task failed, retrying", slog.String("task_id", taskID))
	response, err := retry.Do(ctx, policy, func(ctx context.Context) (relay.Response, error) { return c.read(ctx, taskID) })
	switch {
	case errors.Is(err, ErrInvalidTaskID):
		return nil, err
	case err != nil:
		return nil, readError(taskID, err)
	}
	return newTask(taskID, response.Task), nil
}

func readError(taskID string, err error) error { return fmt.Errorf("read task %q: %w", taskID, err) }

// read reads a task with one request.
func (c *Client) read(ctx context.Context, taskID string) (relay.Response, error) {
	if err := c.checkTaskID(taskID); err != nil {
		return relay.Response{}, err
	}
	return send(ctx, c, func(ctx context.Context) (*http.Request, error) {
		return c.api.RequestGetVideoGeneration(ctx, taskID)
	}, func(reader relay.Reader, resp *http.Response) (relay.Response, *relay.Failure) {
		return reader.ReadTask(resp, taskID)
	})
}
