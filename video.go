package xiexus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/fetch"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// video is what a task's address leads to.
type video struct {
	client  *Client
	task    *Task
	renewed bool // the address has been read anew, and not yet been of use
}

// place is where the video is now.
func (v *video) place() (fetch.Place, error) {
	return fetch.Locate(cmp.Or(v.task.URL, v.task.refused), v.task.TaskID)
}

// ready waits for the relay's turn, if the relay is asked.
func (v *video) ready(ctx context.Context) error {
	place, err := v.place()
	if err != nil || place.Kind != fetch.Content {
		return err
	}
	return v.client.waitTurn(ctx, time.Time{})
}

// open asks for a part of the video, wherever that is.
func (v *video) open(ctx context.Context, part fetch.Range) (*http.Response, error) {
	place, err := v.place()
	if err != nil {
		return nil, err
	}
	switch place.Kind {
	case fetch.Inline:
		return fetch.OpenInline(place.Data)
	case fetch.Remote:
		return v.openRemote(ctx, place.URL, part)
	default:
		return v.openContent(ctx, part)
	}
}

// openContent asks the relay's own route.
func (v *video) openContent(ctx context.Context, part fetch.Range) (*http.Response, error) {
	key, err := v.client.key(ctx)
	if err != nil {
		return nil, err
	}
	req, err := v.client.api.RequestGetVideoContent(auth.NewContext(ctx, key), v.task.TaskID)
	if err != nil {
		return nil, err
	}
	resp, err := v.send(req, part)
	if err != nil {
		return nil, key.RedactError(err)
	}
	if hasVideo(resp) {
		return resp, nil
	}
	return nil, v.refused(resp, key, false)
}

// openRemote asks any other server. The key goes there only where it is the base
// URL's own.
func (v *video) openRemote(ctx context.Context, address *url.URL, part fetch.Range) (*http.Response, error) {
	if v.client.knownKey.In([]byte(address.String())) {
		return nil, fmt.Errorf("%w: it holds the API key", ErrAddressRefused)
	}
	ctx, used := auth.Record(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%w: it is no URL", ErrAddressRefused)
	}
	resp, err := v.send(req, part)
	if err != nil {
		return nil, err
	}
	if hasVideo(resp) {
		v.renewed = false
		return resp, nil
	}
	key := used.Key()
	if key.IsZero() {
		key = v.client.knownKey
	}
	return nil, v.refused(resp, key, true)
}

// refused is the error of an answer without a video. To a link it says nothing
// about the task, and but for the relay's own nothing about the key.
func (v *video) refused(resp *http.Response, key auth.Key, link bool) error {
	told := relay.Reader{MaxSize: v.client.maxResponseSize, Redactor: key}.Refused(resp)
	answer := newAPIError(told, resp.Request)
	answer.URL = fetch.Plain(resp.Request.URL)
	if resp.StatusCode/100 == 3 {
		answer.Message = "a redirect that is not followed" // it may lead to the video: not to be shown
	}
	atHome := auth.OriginOf(resp.Request.URL) == auth.OriginOf(v.client.base)
	switch answer.StatusCode {
	case http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		if link || !atHome {
			return &expiredError{answer: answer}
		}
	case http.StatusBadRequest, http.StatusUnauthorized: // some object stores' words for it
		if !atHome {
			return &expiredError{answer: answer}
		}
	}
	return answer
}

func (v *video) send(req *http.Request, part fetch.Range) (*http.Response, error) {
	part.Set(req.Header)
	req.Header.Set("Accept", "*/*")
	req.Header.Set("User-Agent", v.client.userAgent)
	resp, err := v.client.videos.Do(req)
	if err != nil {
		return nil, v.unanswered(req, err)
	}
	v.client.logger.LogAttrs(req.Context(), slog.LevelDebug, "request", slog.String("method", req.Method),
		slog.String("url", fetch.Plain(req.URL)), slog.Int("status", resp.StatusCode), slog.Int64("offset", part.Offset))
	return resp, nil
}

// unanswered is the error of a request without an answer. It does not repeat the
// address, whose query may be the key to the video.
func (v *video) unanswered(req *http.Request, err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	if strings.Contains(err.Error(), "Location header") { // net/http quotes it
		err = errors.New("a redirect to what is no URL")
	}
	err = fmt.Errorf("GET %s: %w", fetch.Plain(req.URL), err)
	if errors.Is(err, ErrAddressRefused) {
		return err
	}
	return &networkError{cause: err}
}

func hasVideo(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusOK, http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable:
		return true
	}
	return false
}

// renew reads the task again if its address has expired: once, unless the fresh
// one was good for a while.
func (v *video) renew(ctx context.Context, err error) (bool, error) {
	if v.renewed || !errors.Is(err, ErrLinkExpired) {
		return false, nil
	}
	v.renewed = true
	task, failed := v.client.Get(ctx, v.task.TaskID)
	switch {
	case failed != nil:
		return false, fmt.Errorf("%w; %w", err, failed)
	case task.Err() != nil:
		return false, fmt.Errorf("%w; %w", err, task.Err())
	case task.Status != StatusCompleted || task.URL == v.task.URL:
		return false, nil
	}
	v.task = task
	return true, nil
}

// expiredError is a CDN's answer to an address that is no longer good.
type expiredError struct{ answer *APIError }

func (e *expiredError) Error() string {
	return fmt.Sprintf("%v: %s answered %d %s", ErrLinkExpired, e.answer.URL, e.answer.StatusCode, http.StatusText(e.answer.StatusCode))
}

func (e *expiredError) Is(target error) bool { return target == ErrLinkExpired }
