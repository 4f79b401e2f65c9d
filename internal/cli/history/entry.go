// Package history records which tasks the command has submitted on this machine, so that no
// ID is lost.
package history

import (
	"time"

	"github.com/xiexus/xiexus-go/internal/safetext"
)

// Entry is what is known about a create request and its task.
type Entry struct {
	// Key identifies the request.
	Key string `json:"key"`
	// SubmittedAt is when the request was about to be sent.
	SubmittedAt time.Time `json:"submitted_at"`
	// State is what became of the request, and of its task as last seen.
	State State `json:"state"`
	// TaskID is empty if there is no task, or none that is known.
	TaskID string `json:"task_id,omitempty"`
	// BaseURL is that of the relay.
	BaseURL string `json:"base_url"`
	// Model is the name of the model.
	Model string `json:"model"`
	// Prompt is the prompt, up to a length.
	Prompt string `json:"prompt"`
	// Output is the file, or the directory, that the command was to save the video to.
	Output string `json:"output,omitempty"`
	// File is the file that the video was saved to.
	File string `json:"file,omitempty"`
	// Error is why there is no task, or no video.
	Error string `json:"error,omitempty"`
}

// State is what became of a create request, and of its task as last seen.
type State string

// The states. A command that has ended in between leaves an entry that is submitting.
const (
	Submitting State = "submitting" // recorded before the request is sent
	Uncertain  State = "uncertain"  // perhaps a task, whose ID is not known
	NotSent    State = "not_sent"   // no task, and no response
	Rejected   State = "rejected"   // no task
	Created    State = "created"    // a task that has not ended, as far as is known
	Completed  State = "completed"
	Failed     State = "failed"
)

// Ended reports whether nothing more is expected to become of a request.
func (s State) Ended() bool {
	return s == NotSent || s == Rejected || s == Completed || s == Failed
}

// Unknown reports whether there may be a task whose ID is not known.
func (s State) Unknown() bool { return s == Submitting || s == Uncertain }

// maxText is how many characters of a prompt, and of an error, are recorded.
const maxText = 2000

// limited returns the entry with texts of a limited length.
func (e Entry) limited() Entry {
	if runes := []rune(e.Prompt); len(runes) > maxText {
		e.Prompt = string(runes[:maxText-1]) + "…"
	}
	e.Error = safetext.Line(e.Error, maxText)
	return e
}
