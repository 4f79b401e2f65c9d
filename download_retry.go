package xiexus

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go/internal/download"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// expiredError means that a URL no longer points to a video, by the response of its server.
// It does not wrap the response: a 403 of a CDN is not about the key.
type expiredError struct{ response *APIError }

func (e *expiredError) Error() string {
	return fmt.Sprintf("%v: %s returned %d %s", ErrLinkExpired, e.response.URL, e.response.StatusCode, http.StatusText(e.response.StatusCode))
}

func (e *expiredError) Unwrap() error { return ErrLinkExpired }

// judge decides whether a video is requested again.
func (d *videoDownload) judge(err error) retry.Verdict {
	var expired *expiredError
	var apiErr *APIError
	switch {
	case errors.Is(err, ErrAddressRefused):
		return retry.Verdict{}
	case errors.As(err, &expired):
		apiErr = expired.response
	case !errors.As(err, &apiErr):
		return retry.Verdict{Retry: errors.Is(err, download.ErrUnavailable) && mayConnect(err)}
	}
	if mayComeSoon(apiErr.StatusCode) && (apiErr.RetryAfter > 0 || d.task.hasJustFinished()) {
		return retry.Verdict{Retry: true, After: apiErr.RetryAfter}
	}
	if expired != nil {
		return retry.Verdict{}
	}
	return retryRead(err)
}

// mayComeSoon reports whether a status may mean that a video is not there yet: vendors
// report a task as completed before its video has reached all servers of their CDN, and
// relays before they have stored where it is.
func mayComeSoon(status int) bool {
	switch status {
	case http.StatusAccepted, http.StatusNoContent, // being prepared
		http.StatusBadRequest, // "not completed yet", of a relay
		http.StatusForbidden, http.StatusNotFound,
		http.StatusConflict, http.StatusLocked, http.StatusTooEarly:
		return true
	}
	return false
}

// hasJustFinished reports whether the task was completed within the last few minutes, by
// its own times or because a wait saw it happen.
func (t *Task) hasJustFinished() bool {
	const few = 5 * time.Minute
	for _, at := range []time.Time{t.finishSeen, t.FinishedAt} {
		if !at.IsZero() && time.Since(at) < few {
			return true
		}
	}
	return false
}
