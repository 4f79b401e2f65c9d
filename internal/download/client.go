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
	"github.com/xiexus/xiexus-go/internal/requestlog"
	"github.com/xiexus/xiexus-go/internal/ssrf"
)

// The kinds of errors of a Client, besides [ErrIncomplete] and [ssrf.ErrRefused].
var (
	// ErrLinkExpired means that a URL no longer points to a video.
	ErrLinkExpired = errors.New("the video URL has expired")
	// ErrUnavailable means that there was no response.
	ErrUnavailable = errors.New("server unavailable")
)

// Why a response is given up, besides a lost connection.
var (
	errIdle = fmt.Errorf("%w: connection idle", ErrIncomplete)
	errSlow = fmt.Errorf("%w: connection too slow", ErrIncomplete)
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
	// MinSpeed is how many bytes a second a response must deliver over a minute; 0 means no
	// limit.
	MinSpeed int64
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
// be that of a video: see [HasVideo] and [Client.IsExpired].
func (c Client) Open(req *http.Request, offset int64, validator string) (*http.Response, error) {
	req.Header.Set("Accept", "*/*")
	req.Header.Set("Accept-Encoding", "identity") // offsets count bytes of the video itself
	req.Header.Set("User-Agent", c.UserAgent)
	if offset > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
		req.Header.Set("If-Range", validator)
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	timeout := cmp.Or(c.IdleTimeout, math.MaxInt64)
	timer := time.AfterFunc(timeout, func() { cancel(fmt.Errorf("%w, no data received for %s", errIdle, timeout)) })
	began := time.Now()
	resp, err := c.HTTP.Do(req.WithContext(ctx))
	timer.Stop()
	if err != nil {
		err = requestError(ctx, req.URL, err)
	}
	requestlog.Write(ctx, c.Logger, req, began, resp, err, slog.Int64("offset", offset))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	resp.Body = &guardedBody{ReadCloser: resp.Body, ctx: ctx, cancel: cancel, timer: timer, timeout: timeout, minSpeed: c.MinSpeed}
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

// IsExpired reports whether a response means that a URL has expired. On the relay's own
// origin a 400 or 401 is about the request or the key, and on its routes for videos, unless
// the request was for a remote URL, the other statuses are about the task.
func (c Client) IsExpired(resp *http.Response, remote bool) bool {
	atRelay := auth.OriginOf(resp.Request.URL) == c.Relay
	switch resp.StatusCode {
	case http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return remote || !atRelay
	case http.StatusBadRequest, http.StatusUnauthorized: // some object stores
		return !atRelay
	}
	return false
}

const (
	// speedWindow is the time over which the speed of a response is measured.
	speedWindow = time.Minute
	// brokenSpeedWindow is that time for a response that breaks before.
	brokenSpeedWindow = 10 * time.Second
)

// guardedBody is a body that must not be idle or slow while it is read. The time between
// two reads does not count.
type guardedBody struct {
	io.ReadCloser
	ctx      context.Context
	cancel   context.CancelCauseFunc
	timer    *time.Timer // cancels ctx
	timeout  time.Duration
	minSpeed int64

	busy     time.Duration // spent reading in this window
	received int64         // in this window
	wasFast  bool          // in an earlier window
}

func (b *guardedBody) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil { // a connection may take a while to notice
		return 0, context.Cause(b.ctx)
	}
	began := time.Now()
	b.timer.Reset(b.timeout)
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop()
	b.busy += time.Since(began)
	b.received += int64(n)
	switch {
	case err == nil:
		return n, b.endWindow()
	case err == io.EOF: //nolint:errorlint // as an io.Reader returns it
		return n, err
	case b.ctx.Err() != nil:
		return n, context.Cause(b.ctx)
	case b.wasFast:
		return n, err
	}
	if slow := b.checkSpeed(brokenSpeedWindow); slow != nil {
		err = fmt.Errorf("%w: %w", slow, err)
	}
	return n, err
}

// endWindow returns an error at the end of a window in which too little was received.
func (b *guardedBody) endWindow() error {
	if b.busy < speedWindow {
		return nil
	}
	err := b.checkSpeed(speedWindow)
	b.busy, b.received, b.wasFast = 0, 0, true
	return err
}

// checkSpeed returns an error if the window is at least so long, and too little was received.
func (b *guardedBody) checkSpeed(window time.Duration) error {
	if b.busy < window || b.received >= int64(b.busy.Seconds()*float64(b.minSpeed)) {
		return nil
	}
	return fmt.Errorf("%w, less than %d bytes a second for %s", errSlow, b.minSpeed, b.busy.Round(time.Second))
}

func (b *guardedBody) Close() error {
	defer b.cancel(nil)
	return b.ReadCloser.Close()
}
