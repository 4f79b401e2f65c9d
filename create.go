package xiexus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// Create submits a task and returns it as the relay took it, mostly queued. Its
// TaskID is what Wait needs.
//
// A submit is never sent twice unless the relay provably did not take it: nothing
// could be sent, or the answer was a 429. These are tried again, as WithMaxRetries
// says. Where the answer was lost, the error is a *CreateUncertainError: the task
// may exist and be charged. A request without a model or a prompt is
// ErrInvalidRequest, before anything is sent; other errors are those of Get.
//
// Relays answer before they store the task: for ten seconds after Create the
// waits and Poll of this Client ask again for a task that is not there.
func (c *Client) Create(ctx context.Context, request CreateRequest) (*Task, error) {
	body, err := encodeCreate(request)
	if err != nil {
		return nil, err
	}
	task, err := c.submit(ctx, body)
	if err != nil && c.maxRetries > 0 {
		task, err = c.submitAgain(ctx, body, err)
	}
	if err != nil {
		return nil, fmt.Errorf("create a task of model %q: %w", request.Model, err)
	}
	c.created.add(task.TaskID, time.Now())
	return task, nil
}

// encodeCreate checks what the server would refuse, before the network.
func encodeCreate(request CreateRequest) ([]byte, error) {
	switch {
	case strings.TrimSpace(request.Model) == "":
		return nil, fmt.Errorf("%w: it has no model", ErrInvalidRequest)
	case strings.TrimSpace(request.Prompt) == "":
		return nil, fmt.Errorf("%w: it has no prompt", ErrInvalidRequest)
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidRequest, err)
	}
	return body, nil
}

// submitAgain repeats a submit that the relay did not take.
func (c *Client) submitAgain(ctx context.Context, body []byte, failed error) (*Task, error) {
	policy := retry.Policy{
		MaxRetries: c.maxRetries,
		Judge:      judgeSubmit,
		Notify: func(err error, delay time.Duration) {
			c.logger.LogAttrs(ctx, slog.LevelWarn, "the task was not taken, trying again",
				slog.Any("error", err), slog.Duration("delay", delay))
		},
	}
	return retry.After(ctx, failed, policy, func() (*Task, error) { return c.submit(ctx, body) })
}

// judgeSubmit says whether a submit may be sent again.
func judgeSubmit(err error) retry.Verdict {
	var answer *APIError
	if errors.As(err, &answer) {
		return retry.Verdict{Again: errors.Is(answer, ErrRateLimited), After: answer.RetryAfter}
	}
	return retry.Verdict{Again: errors.Is(err, errUnsent)}
}

// submit sends a submit once.
func (c *Client) submit(ctx context.Context, body []byte) (*Task, error) {
	if ctx.Err() != nil {
		return nil, retry.Ended(ctx)
	}
	sent := sentTrace{silent: c.silent}
	answer, err := c.exchange(ctx, time.Time{}, relay.Reader.ReadCreated, func(ctx context.Context) (*http.Request, error) {
		req, err := c.api.RequestCreateVideoGeneration(sent.trace(ctx), "application/json", bytes.NewReader(body))
		if err == nil {
			sent.once(req)
		}
		return req, err
	})
	if err == nil {
		return newTask(answer.Task.TaskID, answer.Task), nil
	}
	var refusal *APIError
	switch {
	case errors.As(err, &refusal):
		if refusal.told.MayBeTaken() {
			return nil, &CreateUncertainError{RequestID: refusal.RequestID, reason: err}
		}
	case sent.maybe():
		return nil, &CreateUncertainError{reason: err}
	case errors.Is(err, ErrUnavailable):
		return nil, fmt.Errorf("%w: %w", errUnsent, err)
	}
	return nil, err
}

// errUnsent is a submit of which not a byte has left.
var errUnsent = errors.New("nothing was sent")
