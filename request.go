package xiexus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/requestlog"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// send makes one request and reads its response within the rate limit and the request
// timeout. Its error is an [*APIError], [ErrUnavailable], the key function's, or the
// context's.
func send[T any](
	ctx context.Context, c *Client,
	build func(context.Context) (*http.Request, error),
	read func(relay.Reader, *http.Response) (T, *relay.Failure),
) (response T, err error) {
	if err := c.waitForTurn(ctx); err != nil {
		return response, err
	}
	attempt := ctx
	if c.requestTimeout > 0 {
		var cancel context.CancelFunc
		attempt, cancel = context.WithTimeout(ctx, c.requestTimeout)
		defer cancel()
	}
	req, err := c.prepare(attempt, build)
	if err != nil {
		return response, err
	}
	started := time.Now()
	resp, err := c.http.Do(req) //nolint:bodyclose // read closes it
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrUnavailable, withoutQuery(err))
		if ctx.Err() != nil {
			err = retry.Cause(ctx)
		}
		requestlog.Write(ctx, c.logger, req, started, nil, err)
		return response, err
	}
	response, failure := read(relay.Reader{MaxSize: c.maxResponseSize, Redactor: c.keys}, resp)
	requestlog.Write(ctx, c.logger, req, started, resp, nil)
	switch {
	case failure == nil:
		return response, nil
	case failure.Cut && ctx.Err() != nil:
		return response, retry.Cause(ctx)
	}
	return response, newAPIError(failure, req.Method, req.URL.String())
}

// prepare builds a request for which the key is known already, so that an error of the key
// function is not taken for one of the network.
func (c *Client) prepare(ctx context.Context, build func(context.Context) (*http.Request, error)) (*http.Request, error) {
	key, err := c.keys.Key(ctx)
	if err != nil {
		return nil, err
	}
	req, err := build(auth.NewContext(ctx, key))
	if err != nil {
		return nil, err
	}
	if c.keys.In(req.URL.String()) { // the key of a function, which was not known before
		return nil, fmt.Errorf("%w: the URL of the request contains the API key", ErrInvalidTaskID)
	}
	return req, nil
}

// withoutQuery removes the query of the URL in an error of [http.Client]: that of a redirect may
// be meant for nobody else.
func withoutQuery(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		failed.URL, _, _ = strings.Cut(failed.URL, "?")
	}
	return err
}

func newAPIError(failure *relay.Failure, method, url string) *APIError {
	return &APIError{
		StatusCode: failure.StatusCode,
		Code:       failure.Code,
		Type:       failure.Type,
		Param:      failure.Param,
		Message:    failure.Message,
		Body:       failure.Body,
		TaskID:     failure.TaskID,
		RequestID:  failure.RequestID,
		RetryAfter: failure.RetryAfter,
		Method:     method,
		URL:        url,
		response:   *failure,
	}
}

// consequences are what follows from a response without a task.
type consequences struct {
	sentinel error // that the [*APIError] matches, or nil
	ends     bool  // a wait ends, if the relay itself says so
	reread   bool  // a read is sent again
	resend   bool  // a create request is sent again: it was not accepted
}

// consequencesOf are those of each meaning.
var consequencesOf = map[relay.Meaning]consequences{
	relay.Invalid:          {nil, true, false, false},
	relay.Unauthorized:     {ErrUnauthorized, true, false, false}, // but see [mostDenials]
	relay.Forbidden:        {ErrForbidden, true, false, false},
	relay.NotFound:         {ErrTaskNotFound, true, false, false},
	relay.QuotaExceeded:    {ErrQuotaExceeded, true, false, false},
	relay.ModelUnavailable: {ErrModelUnavailable, false, false, false},
	relay.Rejected:         {nil, false, false, false},
	relay.RateLimited:      {ErrRateLimited, false, true, true},
	relay.Overloaded:       {ErrUnavailable, false, true, true},
	relay.Unavailable:      {ErrUnavailable, false, true, false},
	relay.Unexpected:       {ErrUnexpectedResponse, false, false, false},
}

// retries returns a policy that logs each retry with a message and attributes.
func (c *Client) retries(
	ctx context.Context, judge func(error) retry.Verdict, message string, attrs ...slog.Attr,
) retry.Policy {
	return retry.Policy{
		MaxRetries: c.maxRetries,
		Judge:      judge,
		Notify: func(err error, delay time.Duration) {
			result := []slog.Attr{slog.Any("error", err), slog.Duration("delay", delay)}
			c.logger.LogAttrs(ctx, slog.LevelWarn, message, append(attrs, result...)...)
		},
	}
}

// retryRead decides whether a read is retried.
func retryRead(err error) retry.Verdict {
	var apiErr *APIError
	if !errors.As(err, &apiErr) {
		return retry.Verdict{Retry: errors.Is(err, ErrUnavailable) && mayConnect(err)}
	}
	return retry.Verdict{Retry: apiErr.consequences().reread, After: apiErr.RetryAfter}
}

// retryCreate decides whether a create request is sent again: only if the relay
// provably did not accept it.
func retryCreate(err error) retry.Verdict {
	var apiErr *APIError
	var uncertain *CreateUncertainError
	switch {
	case errors.As(err, &uncertain): // whatever it wraps
		return retry.Verdict{}
	case !errors.As(err, &apiErr):
		return retry.Verdict{Retry: errors.Is(err, errNotSent) && mayConnect(err)}
	}
	mayExist := apiErr.TaskID != "" // whatever the response says about it
	return retry.Verdict{Retry: apiErr.consequences().resend && !mayExist, After: apiErr.RetryAfter}
}

// mayConnect reports whether another attempt may get a connection after an error. A
// server that cannot be trusted stays so for longer than retries take; waits go on.
func mayConnect(err error) bool {
	return !retry.FailsHandshake(err) && !errors.Is(err, ErrAddressRefused)
}

// isPermanent reports whether polling again cannot change an error: the relay itself reports
// a bad request, a rejected key or a missing task, or the ID is invalid, or the key function
// failed. Pages and other responses of gateways pass, whatever their status.
func isPermanent(err error) bool {
	var apiErr *APIError
	switch {
	case err == nil:
		return false
	case !errors.As(err, &apiErr):
		return !errors.Is(err, ErrUnavailable) && !errors.Is(err, context.DeadlineExceeded)
	}
	return apiErr.response.Worded && apiErr.consequences().ends
}

// mayBeAccepted reports whether the relay may have accepted a create request in
// spite of its response: the response was lost or late, or it comes from a gateway,
// which cannot know.
func mayBeAccepted(err *APIError) bool {
	response := err.response
	switch {
	case response.Cut, response.TooLarge:
		return true
	case err.StatusCode/100 == 2:
		return !response.Rejected && !response.OwnPage // its home page: the base URL is wrong
	case err.StatusCode == http.StatusFound, err.StatusCode == http.StatusSeeOther: // to what was created, perhaps
		return true
	case response.Relay:
		return false
	case response.TaskID != "":
		return true
	}
	switch err.StatusCode {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect: // to be sent elsewhere
		return false
	case http.StatusNotImplemented: // not from a relay
		return false
	case http.StatusRequestTimeout, 499: // nginx: the client has gone away
		return true
	}
	return err.StatusCode/100 != 4
}
