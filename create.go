package xiexus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go/internal/createrequest"
	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/retry"
	"github.com/xiexus/xiexus-go/internal/sendtrace"
)

// Create submits a task and returns it as accepted by the relay, usually queued. Pass its
// TaskID to [Client.Wait].
//
// Create retries only if the relay provably did not accept the request: after a 429, after
// a 503 with which the relay reports that its host is overloaded, or if nothing could be
// sent; and never after a response that names a task. By default it retries twice
// ([WithMaxRetries]). If the response is lost, or is neither an accepted task nor a
// rejection by the relay itself, the error is a [*CreateUncertainError]: the task may have
// been created and charged. Create returns [ErrInvalidRequest] and sends nothing if the
// request has no model or prompt, a length that is not in whole seconds, a negative number,
// or text that is not UTF-8. Other errors are as for [Client.Get].
//
// Vendors behind relays differ in which fields they read. By default, Create sends a width
// and height as the size too, and a duration as seconds, unless the request has those.
func (c *Client) Create(ctx context.Context, request CreateRequest) (*Task, error) {
	body, err := createrequest.Encode(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidRequest, err)
	}
	policy := c.retries(ctx, retryCreate, "task not accepted, retrying")
	task, err := retry.Do(ctx, policy, func(ctx context.Context) (*Task, error) { return c.submit(ctx, body) })
	if err != nil {
		return nil, fmt.Errorf("create task with model %q: %w", c.keys.RedactString(request.Model), err)
	}
	return task, nil
}

// errNotSent means that no byte of a create request was sent.
var errNotSent = errors.New("request not sent")

// submit sends a create request once.
func (c *Client) submit(ctx context.Context, body []byte) (*Task, error) {
	trace := sendtrace.Trace{Opaque: c.opaque}
	sent := time.Now()
	response, err := send(ctx, c, func(ctx context.Context) (*http.Request, error) {
		req, err := c.api.RequestCreateVideoGeneration(ctx, "application/json", bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		return trace.Start(req), nil
	}, relay.Reader.ReadCreated)
	if err == nil {
		seen := reading{sent: sent, received: time.Now(), response: response}.observe()
		seen.Created = true
		c.learned.rememberCreated(response.Task.TaskID, seen)
		return newTask(response.Task.TaskID, response.Task), nil
	}
	var apiErr *APIError
	switch {
	case errors.As(err, &apiErr):
		if mayBeAccepted(apiErr) {
			return nil, &CreateUncertainError{RequestID: apiErr.RequestID, reason: err}
		}
	case trace.MayHaveBeenSent():
		return nil, &CreateUncertainError{reason: err}
	case errors.Is(err, ErrUnavailable):
		return nil, fmt.Errorf("%w: %w", errNotSent, err)
	}
	return nil, err
}
