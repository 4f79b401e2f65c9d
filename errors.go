package xiexus

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/xiexus/xiexus-go/internal/download"
	"github.com/xiexus/xiexus-go/internal/location"
	"github.com/xiexus/xiexus-go/internal/safetext"
	"github.com/xiexus/xiexus-go/internal/ssrf"
)

// The errors of this package, for [errors.Is].
var (
	// ErrTaskNotFound means that the relay has no such task, or that it belongs to
	// another account (404, 410, or 400 with the code task_not_exist).
	ErrTaskNotFound = errors.New("task not found")
	// ErrUnauthorized means that the key is missing, wrong, disabled, expired or
	// exhausted (401).
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden means that the key is not allowed to make this request (403). It does not
	// match [ErrQuotaExceeded].
	ErrForbidden = errors.New("forbidden")
	// ErrQuotaExceeded means that the account or the key has no quota left (402, or the codes
	// insufficient_user_quota and the like). The key itself is valid.
	ErrQuotaExceeded = errors.New("quota exceeded")
	// ErrModelUnavailable means that no channel of the relay serves the model. Sending the
	// request again does not help, even if the status is 503.
	ErrModelUnavailable = errors.New("model unavailable")
	// ErrRateLimited means too many requests (429); see [APIError.RetryAfter].
	ErrRateLimited = errors.New("rate limited")
	// ErrUnavailable means that the relay, or the server of a video, could not be reached
	// or could not handle the request (network errors, truncated responses, 408, 5xx), or
	// that the upstream rejects the relay's own key.
	ErrUnavailable = errors.New("relay unavailable")
	// ErrInvalidTaskID means that the ID cannot be a task ID. Nothing was sent.
	ErrInvalidTaskID = errors.New("invalid task ID")
	// ErrInvalidRequest means that the [CreateRequest] lacks a model or a prompt, or has a
	// value that cannot be sent or would be changed; see [Client.Create]. Nothing was sent.
	ErrInvalidRequest = errors.New("invalid request")
	// ErrUnexpectedResponse means that the response did not come from a relay, often because
	// the base URL is wrong, or that it is truncated or not a video.
	ErrUnexpectedResponse = errors.New("unexpected response")
	// ErrResponseTooLarge means that a response is larger than [WithMaxResponseSize]
	// allows, or a video larger than [WithMaxDownloadSize].
	ErrResponseTooLarge = errors.New("response too large")
	// ErrWaitTimeout means that a wait reached its own deadline ([WithMaxWait]). It also
	// matches [context.DeadlineExceeded].
	ErrWaitTimeout = errors.New("wait timed out")
	// ErrNotCompleted means that the task has no video yet. Nothing was sent.
	ErrNotCompleted = errors.New("task not completed")
	// ErrNoVideo means that a completed task has no URL, and that the content endpoint of the
	// relay does not have its video either. Task.Error may say why.
	ErrNoVideo = errors.New("completed, but without a URL")
	// ErrAddressRefused means that the URL of a video, or one that it redirects to, must not
	// be fetched: it is invalid, is not http, https or data, contains the API key, redirects
	// too often, or leads to a private address ([WithPrivateAddresses]).
	ErrAddressRefused = ssrf.ErrRefused
	// ErrLinkExpired means that the URL of a video no longer works (403, 404 or 410, and 400
	// or 401 from some servers) and that the relay has no new one that does.
	ErrLinkExpired = download.ErrLinkExpired
	// ErrIncomplete means that a download ended early and retries received nothing more, or
	// that the video changed on the server after part of it had been written to an
	// [io.Writer].
	ErrIncomplete = download.ErrIncomplete
	// ErrChecksum means that the video does not match the server's checksum or length.
	ErrChecksum = download.ErrChecksum
)

// longestMessage is how many characters of a relay's message an error shows.
const longestMessage = 500

// TaskFailedError means that a task failed. See [Task.Err].
type TaskFailedError struct {
	// Task is the failed task.
	Task *Task
	// Code and Message are the reason. Relays may omit either or both.
	Code, Message string
}

// Error names the task and the reason.
func (e *TaskFailedError) Error() string {
	reason := cmp.Or(safetext.Line(e.Message, longestMessage), "no reason given")
	if e.Code != "" {
		reason += fmt.Sprintf(" (code %s)", safetext.Line(e.Code, longestMessage))
	}
	if e.Task == nil {
		return "the task failed: " + reason
	}
	return fmt.Sprintf("task %q failed: %s", e.Task.TaskID, reason)
}

// WaitError means that a wait ended before its task did: the deadline passed, the context
// ended, or a permanent error occurred. It wraps the reason.
type WaitError struct {
	// TaskID is the ID of the task.
	TaskID string
	// Task is the last task seen, or nil if none was.
	Task *Task
	// Elapsed is how long the wait lasted.
	Elapsed time.Duration
	// Last is the error of the last poll, or nil if that returned a task. It is wrapped
	// only if it is the reason.
	Last error

	reason error
}

// Error describes the last known state of the task and why the wait ended.
func (e *WaitError) Error() string {
	text := fmt.Sprintf("wait for task %q ended after %s (%s): %v", e.TaskID, e.Elapsed.Round(time.Millisecond), e.lastSeen(), e.reason)
	if e.Last != nil && e.Last != e.reason { //nolint:errorlint // the same error, not one that it wraps
		text += fmt.Sprintf(" (last error: %v)", e.Last)
	}
	return text
}

// lastSeen describes the task as last seen. A status that is not known may be one that ends
// the task.
func (e *WaitError) lastSeen() string {
	if e.Task == nil {
		return "never seen"
	}
	seen := "last seen " + string(e.Task.Status)
	if e.Task.Status != StatusUnknown {
		return seen
	}
	if status := safetext.Line(e.Task.RelayStatus, longestMessage); status != "" {
		seen += fmt.Sprintf(", the relay's %q", status)
	}
	if e.Task.URL != "" {
		seen += ", but with a URL"
	}
	if reason := safetext.Line(e.Task.unknownReason, longestMessage); reason != "" {
		seen += ", with the error: " + reason
	}
	return seen
}

// Unwrap returns the reason.
func (e *WaitError) Unwrap() error { return e.reason }

// CreateUncertainError means that it is not known whether the relay accepted the task: the
// response was lost, has no task, or did not come from the relay. Relays have no
// idempotency keys, so the request is not retried. It wraps the reason, usually
// [ErrUnavailable] or the context's error.
type CreateUncertainError struct {
	// RequestID identifies the request in the relay's logs, or is empty.
	RequestID string

	reason error
}

// Error describes the reason and what to do about it.
func (e *CreateUncertainError) Error() string {
	request := ""
	if e.RequestID != "" {
		request = " for request ID " + safetext.Line(e.RequestID, longestMessage)
	}
	return fmt.Sprintf("the task may have been created and charged; check the relay's task list%s before submitting it again: %v", request, e.reason)
}

// Unwrap returns the reason.
func (e *CreateUncertainError) Unwrap() error { return e.reason }

// DownloadError is the error of a download that did not complete. It wraps the reason.
type DownloadError struct {
	// TaskID is the ID of the task.
	TaskID string
	// Received is how many bytes of the video were received.
	Received int64
	// Size is the size of the video in bytes, or -1 if it is not known.
	Size int64
	// Partial is the directory from which a later [Client.DownloadFile] resumes, if the
	// server allows it, or empty.
	Partial string

	startsOver bool // the next download cannot resume
	reason     error
}

// Error reports how far the download got, why it ended, and whether it can be resumed.
func (e *DownloadError) Error() string {
	progress := ""
	if e.Received > 0 {
		progress = fmt.Sprintf(" after %d bytes", e.Received)
		if e.Size >= 0 {
			progress = fmt.Sprintf(" after %d of %d bytes", e.Received, e.Size)
		}
	}
	text := fmt.Sprintf("download task %q%s: %s", e.TaskID, progress, safetext.Line(fmt.Sprint(e.reason), 2*longestMessage))
	switch {
	case e.Partial == "":
	case e.startsOver:
		text += fmt.Sprintf("; partial data is kept in %q, but the server does not resume: a retry receives the video from its start", e.Partial)
	default:
		text += fmt.Sprintf("; partial data is kept in %q; retry the download to resume", e.Partial)
	}
	return text
}

// Unwrap returns the reason.
func (e *DownloadError) Unwrap() error { return e.reason }

// Is reports whether target is the sentinel error for the reason.
func (e *DownloadError) Is(target error) bool {
	switch target {
	case ErrUnavailable:
		return errors.Is(e.reason, download.ErrUnavailable)
	case ErrResponseTooLarge:
		return errors.Is(e.reason, download.ErrTooLarge)
	case ErrUnexpectedResponse:
		return errors.Is(e.reason, download.ErrNotVideo) || errors.Is(e.reason, location.ErrData)
	}
	return false
}
