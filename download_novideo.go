package xiexus

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

// noVideoError means that a completed task has no URL, and that the content endpoint of the
// relay does not have its video either. It matches [ErrNoVideo], but not [ErrTaskNotFound]:
// the task is there.
type noVideoError struct {
	response *APIError
	why      string // in the relay's or the vendor's words, or empty
}

func (e *noVideoError) Error() string {
	status := fmt.Sprintf("%d %s", e.response.StatusCode, http.StatusText(e.response.StatusCode))
	text := fmt.Sprintf("%v, and the relay's video route returned %s", ErrNoVideo, status)
	if message := safetext.Line(e.response.Message, longestMessage); message != "" {
		text += ": " + message
	}
	if e.why != "" {
		text += "; " + e.why
	}
	return text
}

func (e *noVideoError) Unwrap() error { return ErrNoVideo }

// As provides the response as an [*APIError].
func (e *noVideoError) As(target any) bool {
	if apiErr, ok := target.(**APIError); ok {
		*apiErr = e.response
		return true
	}
	return false
}

// explainNoVideo returns the error of a download, or, if the relay has no video of a
// completed task without a URL, one that says so.
func (t *Task) explainNoVideo(err error) error {
	var apiErr *APIError
	if t.URL != "" || t.rejectedURL != "" || !errors.As(err, &apiErr) {
		return err
	}
	switch relay.MeaningOf(apiErr.StatusCode, apiErr.Code) {
	case relay.NotFound, relay.Invalid:
		return &noVideoError{apiErr, t.whyNoURL()}
	case relay.Unavailable: // New API sends 502 for a task without a URL
		if why := t.whyNoURL(); why != "" {
			return fmt.Errorf("%v; %s: %w", ErrNoVideo, why, err) //nolint:errorlint // the video may come yet
		}
		return fmt.Errorf("%v: %w", ErrNoVideo, err) //nolint:errorlint // the same
	}
	return err
}

// whyNoURL describes what a completed task has in place of a URL, or returns an empty string.
func (t *Task) whyNoURL() string {
	if _, message := relay.FailureReason(t.VideoTask); message != "" {
		return "the task reports: " + safetext.Line(message, longestMessage)
	}
	if t.noURL != "" {
		return fmt.Sprintf("in place of a URL the task has %q", safetext.Line(t.noURL, longestMessage))
	}
	return ""
}
