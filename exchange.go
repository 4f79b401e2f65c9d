package xiexus

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// exchange sends one request and reads its answer: in its turn, within its time,
// with one key. By until, if that is not zero, it is over.
func (c *Client) exchange(
	ctx context.Context,
	until time.Time,
	read func(relay.Reader, *http.Response) (relay.Answer, error),
	request func(context.Context) (*http.Request, error),
) (relay.Answer, error) {
	if err := c.waitTurn(ctx, until); err != nil {
		return relay.Answer{}, err
	}
	attempt, cancel := c.bound(ctx, until)
	defer cancel()
	key, err := c.key(attempt)
	if err != nil {
		return relay.Answer{}, err
	}
	req, err := request(auth.NewContext(attempt, key))
	if err != nil {
		return relay.Answer{}, err
	}
	started := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return relay.Answer{}, c.unanswered(ctx, key.RedactError(err))
	}
	answer, err := read(relay.Reader{MaxSize: c.maxResponseSize, Redactor: key}, resp)
	c.logRequest(ctx, req, resp.StatusCode, started)
	if err != nil {
		return relay.Answer{}, c.refused(ctx, req, err)
	}
	return answer, nil
}

func (c *Client) logRequest(ctx context.Context, req *http.Request, status int, started time.Time) {
	if !c.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "request",
		slog.String("method", req.Method), slog.String("url", req.URL.String()),
		slog.Int("status", status), slog.Duration("duration", time.Since(started)))
}

// waitTurn waits until WithRateLimit allows a request.
func (c *Client) waitTurn(ctx context.Context, until time.Time) error {
	if c.limiter == nil {
		return nil
	}
	turn := c.limiter.Reserve()
	at := time.Now().Add(turn.Delay())
	tooLate := !until.IsZero() && at.After(until)
	if tooLate {
		at = until
	}
	err := sleepUntil(ctx, at)
	if err == nil && tooLate {
		err = context.DeadlineExceeded
	}
	if err != nil {
		turn.Cancel()
	}
	return err
}

// bound sets the end of one request: by WithRequestTimeout, and not after until.
func (c *Client) bound(ctx context.Context, until time.Time) (context.Context, context.CancelFunc) {
	if c.requestTimeout > 0 {
		if end := time.Now().Add(c.requestTimeout); until.IsZero() || end.Before(until) {
			until = end
		}
	}
	if until.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, until)
}

// unanswered is the error of a request that got no answer. Only the caller's own
// context ends more than this request.
func (c *Client) unanswered(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return retry.Ended(ctx)
	}
	return &networkError{cause: err}
}

// refused is the error of an answer that is no task.
func (c *Client) refused(ctx context.Context, req *http.Request, err error) error {
	var told *relay.Error
	if !errors.As(err, &told) || told.Cut && ctx.Err() != nil {
		return c.unanswered(ctx, err)
	}
	return newAPIError(told, req)
}
