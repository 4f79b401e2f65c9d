package xiexus

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/location"
	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

// StatusUnknown is the status of a task for which the relay reports no status, or one that
// this package does not know. It is not terminal: a later read may return another status.
const StatusUnknown = relay.StatusUnknown

// Task is a video generation task as the relay last reported it.
//
// The embedded [VideoTask] is generated from the OpenAPI document: the ID, status, URL,
// format, metadata and error. Whatever the shape of the response, TaskID is the requested
// ID, Status is one of the documented statuses or [StatusUnknown], and Error is nil unless
// the task failed, or completed without a video, as when a filter withholds it.
//
// In JSON, a Task has the documented field names plus relay_status, progress and, where
// known, the timestamps in RFC 3339.
type Task struct {
	VideoTask

	// RelayStatus is the status as the relay sent it, such as "NOT_START".
	RelayStatus string `json:"relay_status,omitzero"`
	// Progress is a percentage from 0 to 100, or nil if the relay reports none.
	Progress *int `json:"progress,omitzero"`
	// SubmittedAt is when the relay accepted the task. Like the timestamps below, it is
	// taken from the relay's clock, truncated to seconds, and zero if the relay does not
	// report it.
	SubmittedAt time.Time `json:"submitted_at,omitzero"`
	// StartedAt is when the relay first saw the task in progress.
	StartedAt time.Time `json:"started_at,omitzero"`
	// FinishedAt is when the relay saw the task completed or failed.
	FinishedAt time.Time `json:"finished_at,omitzero"`
	// UpdatedAt is when the relay last changed the task.
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	// URLs are the URLs of all videos of the task, if it has several. The first is URL. See
	// [WithVideoIndex].
	URLs []string `json:"urls,omitzero"`
	// Raw is the body of the response as received, except for the API key. For a task that
	// was read with others, it is the part about this task.
	Raw json.RawMessage `json:"-"`

	rejectedURL   string    // in place of the URL, with a scheme that is not supported
	noURL         string    // in place of the URL, but not one
	errorCode     string    // of a failed task, as the relay sent it
	unknownReason string    // that the relay reports with a status that is not known
	finishSeen    time.Time // when a wait saw the task end, by the local clock
}

func newTask(id string, reported relay.Task) *Task {
	task := &Task{
		VideoTask:   reported.VideoTask,
		RelayStatus: reported.RelayStatus,
		Progress:    reported.Progress,
		SubmittedAt: reported.SubmittedAt,
		StartedAt:   reported.StartedAt,
		FinishedAt:  reported.FinishedAt,
		UpdatedAt:   reported.UpdatedAt,
		URLs:        reported.URLs,
		Raw:         reported.Raw,
		errorCode:   reported.ErrorCode,

		unknownReason: reported.Reason,
	}
	if rejected := reported.RejectedURL; strings.Contains(rejected, "://") {
		task.rejectedURL = rejected
	} else {
		task.noURL = rejected
	}
	task.TaskID = id // the one to poll again, even if the response has another
	return task
}

// Done reports whether the task is completed or failed, also with a status of the same
// meaning that a later OpenAPI document has, such as "cancelled".
func (t *Task) Done() bool { return t.isCompleted() || relay.IsFailed(t.Status) }

func (t *Task) isCompleted() bool { return relay.IsCompleted(t.Status) }

// Err returns a [*TaskFailedError] for a failed task, and nil for any other.
func (t *Task) Err() error {
	if !relay.IsFailed(t.Status) {
		return nil
	}
	code, message := relay.FailureReason(t.VideoTask)
	return &TaskFailedError{Task: t, Code: cmp.Or(t.errorCode, code), Message: message}
}

// FileName returns a name for the task's video that is valid in any directory: the ID and
// the extension of the format or of the URL, by default ".mp4". Characters other than letters, digits,
// "-", "_" and "." are replaced, and a checksum keeps the names of different IDs apart.
func (t *Task) FileName() string { return t.VideoFileName(0) }

// VideoFileName is [Task.FileName] for one of several videos, by its index in URLs: the name
// of the second ends in "-2" before its extension.
func (t *Task) VideoFileName(index int) string {
	return location.FileName(t.TaskID, index, t.Format, t.videoURL(index))
}

// videoURL returns the URL of one of the task's videos, or an empty string.
func (t *Task) videoURL(index int) string {
	switch {
	case index == 0:
		return t.URL
	case index > 0 && index < len(t.URLs):
		return t.URLs[index]
	}
	return ""
}

// hasNoExtension reports whether the extension of [Task.FileName] is only a guess.
func (t *Task) hasNoExtension(index int) bool {
	return location.Extension(t.Format, t.videoURL(index)) == ""
}

// String describes the task in a line: its ID, its status, and its progress or why it failed.
func (t Task) String() string {
	state := string(t.Status)
	switch message := t.failure(); {
	case message != "":
		state += ": " + message
	case t.Progress != nil && !t.Done():
		state = fmt.Sprintf("%s, %d%%", state, *t.Progress)
	}
	return fmt.Sprintf("%s (%s)", safetext.Line(t.TaskID, maxTaskID), safetext.Line(state, longestMessage))
}

// LogValue logs the ID, the status, and what is known of the progress, the URL and the
// reason of a failure. The URL is logged without its query, which may give access to the
// video.
func (t Task) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("task_id", t.TaskID), slog.String("status", string(t.Status))}
	if t.Progress != nil {
		attrs = append(attrs, slog.Int("progress", *t.Progress))
	}
	if u, err := url.Parse(t.URL); err == nil && u.Host != "" {
		attrs = append(attrs, slog.String("url", location.Printable(u)))
	}
	if message := t.failure(); message != "" {
		attrs = append(attrs, slog.String("error", message))
	}
	return slog.GroupValue(attrs...)
}

// failure returns why the task failed, or an empty string.
func (t Task) failure() string {
	_, message := relay.FailureReason(t.VideoTask)
	return safetext.Line(message, longestMessage)
}

// maxTaskID is the longest valid ID, in bytes. Relays reject long URLs.
const maxTaskID = 512

// checkTaskID returns [ErrInvalidTaskID] for an ID that would address another path, that
// no relay has, or that contains the API key.
func (c *Client) checkTaskID(id string) error {
	var reason string
	switch {
	case id == "":
		reason = "must not be empty"
	case c.keys.In(id):
		id, reason = auth.Redacted, "must not contain the API key"
	case len(id) > maxTaskID:
		id, reason = id[:40]+"…", "must not be longer than 512 bytes"
	case id == "." || id == "..":
		reason = "must not be a relative path segment"
	case strings.Contains(id, "/"):
		reason = "must not contain a slash"
	case strings.ContainsFunc(id, unicode.IsControl):
		reason = "must not contain a control character"
	default:
		return nil
	}
	return fmt.Errorf("%w %q: %s", ErrInvalidTaskID, id, reason)
}
