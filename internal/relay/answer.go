// Package relay reads what relays really answer: one task in three shapes and
// two vocabularies, errors in two envelopes, pages of HTML. It decides per
// answer, because one relay mixes them.
package relay

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/gen"
)

// StatusUnknown is the status of a task whose relay says nothing that is understood.
const StatusUnknown gen.VideoTaskStatus = "unknown"

// Task is a task in the document's terms, with what relays tell beyond them.
type Task struct {
	gen.VideoTask
	RelayStatus string
	Progress    *int
	SubmittedAt time.Time
	StartedAt   time.Time
	FinishedAt  time.Time
	UpdatedAt   time.Time
	Raw         json.RawMessage
	// Refused is what stands in the place of the address of a completed task, and is
	// a URL but none of http, https and data.
	Refused string
	// ErrorCode is the code of a failed task; unlike the document's it may be a word.
	ErrorCode string
}

// answer is the body of a 200 in any shape. A flat task has its fields at the
// top, a stored or a realtime one has them in data. Decoding both at once costs
// one pass for either.
type answer struct {
	object
	Data *object `json:"data"`
}

// object is a task in any shape. Its fields shadow those of the document only
// where relays send other types than documented.
type object struct {
	gen.VideoTask
	Error      *failure `json:"error"`
	FailReason text     `json:"fail_reason"`
	ResultURL  text     `json:"result_url"`
	Progress   percent  `json:"progress"`
	SubmitTime moment   `json:"submit_time"`
	StartTime  moment   `json:"start_time"`
	FinishTime moment   `json:"finish_time"`
	CreatedAt  moment   `json:"created_at"`
	UpdatedAt  moment   `json:"updated_at"`

	inEnvelope bool
}

// failure is the document's error object, or whatever stands in its place.
type failure struct {
	gen.VideoTaskError
	Code text `json:"code"`
}

// UnmarshalJSON also takes a bare string: the message.
func (f *failure) UnmarshalJSON(data []byte) error {
	type plain failure // without this method
	if data[0] == '{' {
		return unmarshal(data, (*plain)(f))
	}
	var message text
	_ = message.UnmarshalJSON(data)
	f.Message = string(message)
	return nil
}

// isTask reports whether o says anything of a task.
func (o *object) isTask() bool {
	return o != nil && (o.Status != "" || o.TaskID != "")
}

// parseTask returns the task in a body, or nil where there is none.
func parseTask(body []byte) (*object, error) {
	if !looksLikeJSON(body) {
		return nil, nil
	}
	var a answer
	if err := unmarshal(body, &a); err != nil {
		return nil, err
	}
	told := &a.object
	if a.Data.isTask() && a.isEnvelope() {
		told = a.Data
		told.inEnvelope = true
	}
	if !told.isTask() {
		return nil, nil
	}
	if shadowed() {
		told.VideoTask = documented(body, told.inEnvelope)
	}
	return told, nil
}

// live reports the realtime shape: a task in an envelope that has a format but
// none of the times of a stored one.
func (o *object) live() bool {
	return o.inEnvelope && o.Format != "" && o.SubmitTime.IsZero() && o.CreatedAt.IsZero() && o.UpdatedAt.IsZero()
}

// isEnvelope reports that the task is in data. A status at the top may be the
// envelope's own, as in {"status":"success","data":{…}}, and a task at the top may
// have its upstream's in data.
func (a *answer) isEnvelope() bool {
	return a.TaskID == "" || a.Status == "" && a.TaskID == a.Data.TaskID
}

// task says o in the document's terms.
func (o *object) task(body []byte) Task {
	task := Task{
		VideoTask:   o.VideoTask,
		RelayStatus: string(o.Status),
		Progress:    o.Progress.value,
		SubmittedAt: o.SubmitTime.Time,
		StartedAt:   o.StartTime.Time,
		FinishedAt:  o.FinishTime.Time,
		UpdatedAt:   o.UpdatedAt.Time,
		Raw:         body,
	}
	if task.SubmittedAt.IsZero() {
		task.SubmittedAt = o.CreatedAt.Time
	}
	task.Status = status(task.RelayStatus)
	task.URL = o.address(task.Status)
	if task.Status == gen.VideoTaskStatusCompleted && task.URL == "" {
		task.Refused = o.refused()
	}
	task.VideoTask.Error = nil // some send one with any task
	if task.Status == gen.VideoTaskStatusFailed {
		task.VideoTask.Error, task.ErrorCode = o.reason()
	}
	return task
}

// address finds the address of the video: in url, in result_url, or, with
// releases up to early 2026, in the fail_reason of a task that did not fail.
func (o *object) address(status gen.VideoTaskStatus) string {
	candidates := []string{o.URL, string(o.ResultURL), string(o.FailReason)}
	switch status {
	case gen.VideoTaskStatusCompleted:
	case gen.VideoTaskStatusFailed:
		candidates = candidates[:1] // result_url repeats the reason
	default:
		candidates = candidates[:2]
	}
	for _, candidate := range candidates {
		if candidate = strings.TrimSpace(candidate); isAddress(candidate) {
			return candidate
		}
	}
	return ""
}

// refused finds what would be the address if its scheme were another.
func (o *object) refused() string {
	for _, candidate := range []string{o.URL, string(o.ResultURL)} {
		if candidate = strings.TrimSpace(candidate); isForeignURL(candidate) {
			return candidate
		}
	}
	return ""
}

// reason returns why a task failed, as the document's error and as the code in
// the relay's own words. Neither need be known.
func (o *object) reason() (*gen.VideoTaskError, string) {
	var reason failure
	if o.Error != nil {
		reason = *o.Error
	}
	others := []text{o.FailReason}
	if !isAddress(string(o.ResultURL)) {
		others = append(others, o.ResultURL)
	}
	for _, other := range others {
		if strings.TrimSpace(reason.Message) == "" {
			reason.Message = string(other)
		}
	}
	if code, err := strconv.ParseInt(string(reason.Code), 10, 64); err == nil {
		reason.VideoTaskError.Code = code
	}
	return &reason.VideoTaskError, string(reason.Code)
}
