// Package outcome defines the results of a fleet: one for each task, and one for each create
// request that led to none.
package outcome

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/xiexus/xiexus-go"
)

// Result is what became of a task, or of a create request.
type Result struct {
	// TaskID is the ID of the task. It is empty if it is not known whether there is one, or
	// if there certainly is not.
	TaskID string `json:"task_id,omitzero"`
	// Request is the key of the create request, if the fleet has sent it.
	Request string `json:"request,omitzero"`
	// Task is the task as last seen, or nil.
	Task *xiexus.Task `json:"task"`
	// Error is why there is no video, or nil.
	Error *Error `json:"error"`
	// Omitted are the fields of the task that were too large to be stored.
	Omitted []string `json:"omitted,omitempty"`
	// Polls is how often the task was polled.
	Polls int `json:"polls,omitzero"`
	// StartedAt is when the task was polled first.
	StartedAt time.Time `json:"started_at,omitzero"`
	// RecordedAt is when the worker has stored the result.
	RecordedAt time.Time `json:"recorded_at"`
	// Worker is the worker that has stored it.
	Worker string `json:"worker"`
}

// IsDone reports whether the task is completed.
func (r Result) IsDone() bool { return r.Error == nil }

// Subject returns the subject of the result, which no other has.
func (r Result) Subject(prefix string) string {
	if r.TaskID == "" {
		return prefix + "request." + token(r.Request)
	}
	return prefix + "task." + token(r.TaskID)
}

// token returns an ID as a token of a subject.
func token(id string) string { return base64.RawURLEncoding.EncodeToString([]byte(id)) }

// Encode returns the result in JSON, of at most limit bytes. A URL may be a whole video; a
// task without it can be read again.
func (r Result) Encode(limit int) ([]byte, error) {
	data, err := json.Marshal(r)
	if err != nil || len(data) <= limit {
		return data, err
	}
	if r.Task != nil {
		task := *r.Task
		task.URL, task.URLs, task.Metadata = "", nil, nil
		r.Task, r.Omitted = &task, []string{"url", "urls", "metadata"}
		data, err = json.Marshal(r)
	}
	if err == nil && len(data) > limit {
		r.Task, r.Omitted = nil, []string{"task"}
		data, err = json.Marshal(r)
	}
	if err == nil && len(data) > limit {
		err = fmt.Errorf("the result has %d bytes, but at most %d can be stored", len(data), limit)
	}
	return data, err
}

// Decode returns a result.
func Decode(data []byte) (Result, error) {
	var r Result
	if err := json.Unmarshal(data, &r); err != nil {
		return Result{}, fmt.Errorf("invalid result: %w", err)
	}
	return r, nil
}
