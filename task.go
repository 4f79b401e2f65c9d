package xiexus

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// The statuses of a task. The first four are the document's; whatever words a
// relay uses are translated to them.
const (
	StatusQueued     = gen.VideoTaskStatusQueued
	StatusInProgress = gen.VideoTaskStatusInProgress
	StatusCompleted  = gen.VideoTaskStatusCompleted
	StatusFailed     = gen.VideoTaskStatusFailed

	// StatusUnknown is a status that is not understood, or that the relay does
	// not tell. It is not an end: a later read may say more.
	StatusUnknown = relay.StatusUnknown
)

// Task is a video generation task as the relay last told it.
//
// The embedded VideoTask is generated from the document. Its Status is one of
// the document's or StatusUnknown, its URL is an address or empty, and its Error
// is nil unless the task failed, whatever shape the relay's answer had. TaskID
// is the one that was asked for where the answer does not repeat it.
//
// In JSON a Task has the documented names, and beside them relay_status,
// progress and the four times, in RFC 3339, where they are known.
type Task struct {
	gen.VideoTask

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
		errorCode:   told.ErrorCode,
	}
	if task.TaskID == "" {
		task.TaskID = id
	}
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

// maxTaskID is the longest id that is asked for, in bytes. Relays refuse long URLs.
const maxTaskID = 512

// checkTaskID returns an error that is ErrInvalidTaskID for an id that would ask
// for another path, or that no relay has.
func checkTaskID(id string) error {
	switch {
	case id == "":
		return &invalidTaskIDError{reason: "is empty"}
	case len(id) > maxTaskID:
		return &invalidTaskIDError{id: id[:40] + "…", reason: "is longer than 512 bytes"}
	case id == "." || id == "..":
		return &invalidTaskIDError{id: id, reason: "is a relative path"}
	case strings.Contains(id, "/"):
		return &invalidTaskIDError{id: id, reason: "holds a slash"}
	case strings.ContainsFunc(id, unicode.IsControl):
		return &invalidTaskIDError{id: id, reason: "holds a control character"}
	}
	return nil
}
