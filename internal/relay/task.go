// Package relay turns the HTTP responses of relays into tasks and errors. It reads a task
// in three shapes: the documented one and the two that New API sends, for stored and for
// realtime tasks, and an older variant of the former. The three use different statuses.
// Errors come in two envelopes or as HTML pages. One relay mixes them all, and relays of
// other software add their own, so the shape of each response is recognized.
//
// What a response is, is decided in three places: status.go has the statuses, places.go
// where things may stand, and meaning.go what an error means.
package relay

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/gen"
)

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
	// RejectedURL is what a completed task without a URL has in place of one.
	RejectedURL string
	// ErrorCode is the code of a failed task. Unlike the documented one it may be a word.
	ErrorCode string
	// Reason is an error that is reported with a status that is not known.
	Reason string
}

// fields are what relays send for a task beyond the documented fields, and what shows
// where in a response the task is. The documented fields are decoded separately, so that
// one that is added to the OpenAPI document cannot be hidden by these.
type fields struct {
	ID         id     `json:"id"`
	TaskID     id     `json:"task_id"`
	CamelID    id     `json:"taskId"`
	VideoID    id     `json:"video_id"`
	RequestID  id     `json:"request_id"`
	Status     string `json:"status"` // a number is the status of something else
	TaskStatus string `json:"task_status"`
	State      string `json:"state"`
	FailReason text   `json:"fail_reason"`
	ResultURL  text   `json:"result_url"`
	Progress   text   `json:"progress"`
	SubmitTime text   `json:"submit_time"`
	StartTime  text   `json:"start_time"`
	FinishTime text   `json:"finish_time"`
	CreatedAt  text   `json:"created_at"`
	UpdatedAt  text   `json:"updated_at"`
}

// status returns the status of a task: it is called task_status by Kling and DashScope, and
// state by Vidu and Luma. Beside a task_status, the status is that of the request.
func (f *fields) status() string {
	for _, status := range []string{f.TaskStatus, f.Status, f.State} {
		if strings.TrimSpace(status) != "" {
			return status
		}
	}
	return f.Status
}

// newTask translates an object of a response into the terms of the OpenAPI document. URLs in
// it may be relative to a base, which may be nil.
func newTask(r *response, o *object, base *url.URL) Task {
	task := Task{
		VideoTask:   r.documented(o),
		RelayStatus: o.status(),
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
	task.Status = parseStatus(task.RelayStatus)
	task.setURLs(r, o, &finder{base: base})
	task.setReason(r, o)
	return task
}

// isLive reports the realtime shape, for which the relay queries its upstream: it
// has a format, but not the times of a stored task.
func (t *Task) isLive() bool {
	return t.Format != "" && t.SubmittedAt.IsZero() && t.UpdatedAt.IsZero()
}

// setURLs sets the URLs of the videos. Those of a task that has not completed are not
// searched for: they may be those of its input. The result_url of a failed one repeats the
// reason.
func (t *Task) setURLs(r *response, o *object, find *finder) {
	documented := t.URL
	t.URL = ""
	switch {
	case IsCompleted(t.Status), t.Status == StatusUnknown:
		urls := find.urls(r.valueOf(o), "", deepest)
		if len(urls) == 0 && !r.hasOthers() {
			urls = find.urls(r.root, "", deepest) // beside the task
		}
		if len(urls) == 0 { // the bytes decide
			urls = find.stills[:min(len(find.stills), 1)]
		}
		if len(urls) > 0 {
			t.URL = urls[0]
		} else if t.Status != StatusUnknown {
			t.RejectedURL = find.rejected
		}
		if len(urls) > 1 {
			t.URLs = urls
		}
	case IsFailed(t.Status):
		t.URL = find.parseURL(documented)
	default:
		for _, candidate := range []string{documented, string(o.ResultURL)} {
			if t.URL == "" {
				t.URL = find.parseURL(candidate)
			}
		}
	}
}

// setReason sets why a task failed, or why there is no video although it is completed:
// vendors report a video that their filter withholds as completed. Other tasks have no
// error, although some relays send one with every task.
func (t *Task) setReason(r *response, o *object) {
	t.Error = gen.VideoTask{}.Error
	hasFailed := IsFailed(t.Status)
	if !hasFailed && t.URL != "" || !hasFailed && !IsCompleted(t.Status) && t.Status != StatusUnknown {
		return
	}
	explained := r.valueOf(o)
	code, message := explained.code(), explained.reason()
	switch {
	case hasFailed && message == "" && o.inData:
		message = r.root.reason()
	case t.Status == StatusUnknown:
		t.Reason = message
		return
	}
	if hasFailed && message == "" && saysWhy(t.RelayStatus) {
		message = strings.TrimSpace(t.RelayStatus)
	}
	if hasFailed || message != "" {
		t.ErrorCode = code
		setError(&t.VideoTask, code, message)
	}
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

// FailureReason returns the code and the message of a documented task's error. It
// encodes the error, because the OpenAPI document decides the types of both.
func FailureReason(task gen.VideoTask) (code, message string) {
	data, _ := json.Marshal(task.Error)
	reason := &value{raw: data}
	if code = reason.at("code").text(); code == "0" {
		code = ""
	}
	return code, reason.at("message").text()
}
