package download

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/location"
	"github.com/xiexus/xiexus-go/internal/ssrf"
)

// The kinds of errors of a Client, besides [ErrIncomplete] and [ssrf.ErrRefused].
var (
	// ErrLinkExpired means that a URL no longer points to a video.
	ErrLinkExpired = errors.New("the video URL has expired")
	// ErrUnavailable means that there was no response.
	ErrUnavailable = errors.New("server unavailable")
)

// Client requests videos over HTTP.
type Client struct {
	// HTTP sends the requests. It follows redirects according to [CheckRedirect].
	HTTP *http.Client
	// Relay is the relay's own origin.
	Relay auth.Origin
	// UserAgent is the User-Agent header.
	UserAgent string
	// IdleTimeout is how long a connection may be idle; 0 means no limit.
	IdleTimeout time.Duration
	// Logger logs each request.
	Logger *slog.Logger
}

// CheckRedirect follows at most ten redirects. It sends no Referer, because the
// previous URL may give access to the video.
func CheckRedirect(req *http.Request, via []*http.Request) error {
	const limit = 10
	if len(via) > limit {
		return fmt.Errorf("%w: more than %d redirects", ssrf.ErrRefused, limit)
	}
	req.Header.Del("Referer")
	return nil
}

// Open sends a request for a video from an offset on. The status of the response may not
// be that of a video: see [HasVideo]. remote reports that the request is not to the
// relay's content endpoint, whose statuses never mean [ErrLinkExpired].
func (c Client) Open(req *http.Request, remote bool, offset int64, validator string) (*http.Response, error) {
	req.Header.Set("Accept", "*/*")
	req.Header.Set("Accept-Encoding", "identity") // offsets count bytes of the video itself
	req.Header.Set("User-Agent", c.UserAgent)
	if offset > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
		req.Header.Set("If-Range", validator)
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	timeout := cmp.Or(c.IdleTimeout, math.MaxInt64)
	timer := time.AfterFunc(timeout, func() { cancel(incomplete("no data received for %s", timeout)) })
	resp, err := c.HTTP.Do(req.WithContext(ctx))
	timer.Stop()
	if err != nil {
		err = requestError(ctx, req.URL, err)
		cancel(nil)
		return nil, err
	}
	resp.Body = &idleBody{resp.Body, ctx, cancel, timer, timeout}
	c.Logger.LogAttrs(ctx, slog.LevelDebug, "request", slog.String("method", req.Method),
		slog.String("url", location.Printable(req.URL)), slog.Int("status", resp.StatusCode), slog.Int64("offset", offset))
	if c.isExpired(resp, remote) {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%w: %s returned %d %s",
			ErrLinkExpired, location.Printable(resp.Request.URL), resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	return resp, nil
}

// requestError returns the error of a request without a response. It does not repeat
// the query of a URL, which may give access to the video.
func requestError(ctx context.Context, u *url.URL, err error) error {
	if idle := context.Cause(ctx); errors.Is(idle, ErrIncomplete) {
		return idle
	}
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	if strings.Contains(err.Error(), "Location header") { // net/http quotes it
		err = errors.New("redirect to an invalid URL")
	}
	err = fmt.Errorf("GET %s: %w", location.Printable(u), err)
	if errors.Is(err, ssrf.ErrRefused) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// HasVideo reports whether the status of a response is about the bytes of a video.
func HasVideo(resp *http.Response) bool {
	status := resp.StatusCode
	return status == http.StatusOK || status == http.StatusPartialContent || status == http.StatusRequestedRangeNotSatisfiable
}

// isExpired reports whether a response means that a URL has expired. On the relay's own
// origin a 400 or 401 is about the request or the key, and on its content endpoint the
// other statuses are about the task.
func (c Client) isExpired(resp *http.Response, remote bool) bool {
	atRelay := auth.OriginOf(resp.Request.URL) == c.Relay
	switch resp.StatusCode {
	case http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return remote || !atRelay
	case http.StatusBadRequest, http.StatusUnauthorized: // some object stores
		return !atRelay
	}
	return false
}

// idleBody is a body that must not be idle while it is read. The time between two reads
// does not count.
type idleBody struct {
	io.ReadCloser
	ctx     context.Context
	cancel  context.CancelCauseFunc
	timer   *time.Timer // cancels ctx
	timeout time.Duration
}

func (b *idleBody) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil { // a connection may take a while to notice
		return 0, context.Cause(b.ctx)
	}
	b.timer.Reset(b.timeout)
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop()
	if err == nil || err == io.EOF || b.ctx.Err() == nil {
		return n, err
	}
	return n, context.Cause(b.ctx)
}

func (b *idleBody) Close() error {
	defer b.cancel(nil)
	return b.ReadCloser.Close()
}
