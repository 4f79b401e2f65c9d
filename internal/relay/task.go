// Package relay turns the HTTP responses of relays into tasks and errors. It reads a task
// in three shapes: the documented one and the two that New API sends, for stored and for
// realtime tasks, and an older variant of the former. The three use different statuses.
// Errors come in two envelopes or as HTML pages. One relay mixes them all, so the shape of
// each response is recognized.
package relay

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/gen"
)

// StatusUnknown is the status of a task whose relay reports no known status.
const StatusUnknown gen.VideoTaskStatus = "unknown"

// Task is a task in the terms of the OpenAPI document, with what relays report
// beyond it.
type Task struct {
	gen.VideoTask
	// RelayStatus is the status as the relay sent it.
	RelayStatus string
	// Progress is a percentage from 0 to 100, or nil.
	Progress *int
	// These timestamps come from the relay's clock and are zero if unknown.
	SubmittedAt, StartedAt, FinishedAt, UpdatedAt time.Time
	// Raw is the response body, redacted.
	Raw json.RawMessage
	// URLs are the URLs of all videos, if there are several, or nil.
	URLs []string
	// RejectedURL is the URL of a completed task that has no http, https or data
	// URL but one of another scheme.
	RejectedURL string
	// ErrorCode is the code of a failed task. Unlike the documented one it may be a word.
	ErrorCode string
}

// fields are what relays send for a task beyond the documented fields, and what shows
// where in a response the task is. The documented fields are decoded separately, so that
// one that is added to the OpenAPI document cannot be hidden by these.
type fields struct {
	ID         id       `json:"id"`
	TaskID     id       `json:"task_id"`
	Status     string   `json:"status"` // a number is the status of something else
	Error      *details `json:"error"`
	FailReason text     `json:"fail_reason"`
	ResultURL  text     `json:"result_url"`
	Progress   text     `json:"progress"`
	SubmitTime text     `json:"submit_time"`
	StartTime  text     `json:"start_time"`
	FinishTime text     `json:"finish_time"`
	CreatedAt  text     `json:"created_at"`
	UpdatedAt  text     `json:"updated_at"`
}

func (f *fields) isTask() bool { return f.Status != "" || f.TaskID != "" }

// newTask translates an object of a response into the terms of the OpenAPI document.
func newTask(r *response, o *object) Task {
	task := Task{
		VideoTask:   r.documented(o),
		RelayStatus: o.Status,
		Progress:    percentage(o.Progress),
		SubmittedAt: unixTime(o.SubmitTime),
		StartedAt:   unixTime(o.StartTime),
		FinishedAt:  unixTime(o.FinishTime),
		UpdatedAt:   unixTime(o.UpdatedAt),
		Raw:         r.body,
	}
	if task.SubmittedAt.IsZero() {
		task.SubmittedAt = unixTime(o.CreatedAt)
	}
	task.TaskID = string(o.TaskID)
	task.Status = parseStatus(o.Status)
	task.setURL(string(o.ResultURL), string(o.FailReason))

	if task.Status == gen.VideoTaskStatusFailed {
		var message string
		task.ErrorCode, message = o.failure()
		setError(&task.VideoTask, task.ErrorCode, message)
	} else {
		task.VideoTask.Error = gen.VideoTask{}.Error // some relays send one with every task
	}
	return task
}

// isLive reports the realtime shape, for which the relay queries its upstream: it
// has a format, but not the times of a stored task.
func (t *Task) isLive() bool {
	return t.Format != "" && t.SubmittedAt.IsZero() && t.UpdatedAt.IsZero()
}

// setURL sets the URL of the video, which is in url, in result_url, or, in
// releases up to early 2026, in the fail_reason of a completed task.
func (t *Task) setURL(resultURL, failReason string) {
	documented := t.URL
	switch t.Status {
	case gen.VideoTaskStatusCompleted:
		t.URL = firstURL(isVideoURL, documented, resultURL, failReason)
		if t.URL == "" {
			t.RejectedURL = firstURL(isURL, documented, resultURL)
		}
	case gen.VideoTaskStatusFailed: // result_url repeats the reason
		t.URL = firstURL(isVideoURL, documented)
	default:
		t.URL = firstURL(isVideoURL, documented, resultURL)
	}
}

// failure returns why a task failed. Either part may be empty.
func (f *fields) failure() (code, message string) {
	var reason details
	if f.Error != nil {
		reason = *f.Error
	}
	candidates := []text{reason.Message, f.FailReason}
	if !isVideoURL(string(f.ResultURL)) {
		candidates = append(candidates, f.ResultURL)
	}
	for _, candidate := range candidates {
		if message = string(candidate); strings.TrimSpace(message) != "" {
			break
		}
	}
	return reason.nonzeroCode(), message
}

// setError sets the error of a documented task. It is decoded rather than assigned
// because the OpenAPI document decides the type of the code: each form of it is decoded,
// and those of another type are ignored. The zero values clear an earlier code.
func setError(task any, code, message string) {
	for _, form := range []any{"", 0, code, json.Number(code)} {
		data, _ := json.Marshal(map[string]any{"error": map[string]any{"code": form, "message": message}})
		_ = json.Unmarshal(data, task)
	}
}

// parseStatus translates a relay's status. The documented values come first, so
// that one that is added to the OpenAPI document is known after regenerating. The others
// are those of stored tasks (upper case) and of realtime ones, which older public
// documents use too.
func parseStatus(value string) gen.VideoTaskStatus {
	value = strings.TrimSpace(value)
	lower := strings.ToLower(value)
	for _, documented := range []gen.VideoTaskStatus{gen.VideoTaskStatus(value), gen.VideoTaskStatus(lower)} {
		if documented.Valid() {
			return documented
		}
	}
	switch lower {
	case "not_start", "submitted":
		return gen.VideoTaskStatusQueued
	case "processing":
		return gen.VideoTaskStatusInProgress
	case "success", "succeeded":
		return gen.VideoTaskStatusCompleted
	case "failure":
		return gen.VideoTaskStatusFailed
	}
	return StatusUnknown
}

// FailureReason returns the code and the message of a documented task's error. It
// encodes the error, because the OpenAPI document decides the types of both.
func FailureReason(task gen.VideoTask) (code, message string) {
	data, _ := json.Marshal(task.Error)
	reason := decodeFields[details](data)
	return reason.nonzeroCode(), string(reason.Message)
}

// nonzeroCode returns the code, or an empty string for 0, which means no code.
func (d *details) nonzeroCode() string {
	if d.Code == "0" {
		return ""
	}
	return string(d.Code)
}
