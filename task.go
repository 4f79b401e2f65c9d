package xiexus

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/xiexus/xiexus-go/internal/relay"
)

// StatusUnknown is a status that is not understood, or that the relay does
// not tell. It is not an end: a later read may say more.
const StatusUnknown = relay.StatusUnknown

// Task is a video generation task as the relay last told it.
//
// The embedded VideoTask is generated from the document. Its Status is one of
// the document's or StatusUnknown, its URL is an address or empty, and its Error
// is nil unless the task failed, whatever shape the relay's answer had.
//
// In JSON a Task has the documented names, and beside them relay_status,
// progress and the four times, in RFC 3339, where they are known.
type Task struct {
	VideoTask

	// RelayStatus is the status in the relay's own words, such as "NOT_START".
	RelayStatus string `json:"relay_status,omitzero"`
	// Progress is a percentage from 0 to 100, or nil where the relay tells none.
	Progress *int `json:"progress,omitzero"`
	// SubmittedAt is when the relay took the task. Like the other times it is
	// read from the relay's clock, to the second, and zero where it tells none.
	SubmittedAt time.Time `json:"submitted_at,omitzero"`
	// StartedAt is when the relay saw the work begin.
	StartedAt time.Time `json:"started_at,omitzero"`
	// FinishedAt is when the relay saw the work end.
	FinishedAt time.Time `json:"finished_at,omitzero"`
	// UpdatedAt is when the relay last looked.
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	// Raw is the answer's body as the relay sent it, except for the API key.
	Raw json.RawMessage `json:"-"`

	refused   string // a URL of another scheme where the address should be
	errorCode string // a failed task's code where it is a word, not the document's integer
}

// newTask says what the relay told of the task with this id.
func newTask(id string, told relay.Task) *Task {
	task := &Task{
		VideoTask:   told.VideoTask,
		RelayStatus: told.RelayStatus,
		Progress:    told.Progress,
		SubmittedAt: told.SubmittedAt,
		StartedAt:   told.StartedAt,
		FinishedAt:  told.FinishedAt,
		UpdatedAt:   told.UpdatedAt,
		Raw:         told.Raw,
		refused:     told.Refused,
		errorCode:   told.ErrorCode,
	}
	task.TaskID = id // whatever the answer says: this is the one to ask for again
	return task
}

// Done reports whether the task has come to its end: completed or failed.
func (t *Task) Done() bool {
	return t.Status == StatusCompleted || t.Status == StatusFailed
}

// Err returns a *TaskFailedError for a failed task and nil for any other.
func (t *Task) Err() error {
	if t.Status != StatusFailed {
		return nil
	}
	failed := &TaskFailedError{Task: t, Code: t.errorCode}
	if t.Error != nil {
		failed.Message = t.Error.Message
		if failed.Code == "" && t.Error.Code != 0 { // a task that was decoded or made by hand
			failed.Code = strconv.FormatInt(t.Error.Code, 10)
		}
	}
	return failed
}
