package relay

import (
	"net/http"

	"github.com/xiexus/xiexus-go/gen"
)

// ReadCreated closes resp.Body and says what the answer to a submit is: the task
// that was taken, or an *Error. A task without a status, as older releases answer,
// is queued.
func (r Reader) ReadCreated(resp *http.Response) (Answer, error) {
	created, err := r.read(resp, parseCreated)
	if err == nil && created.Task.RelayStatus == "" {
		created.Task.Status = gen.VideoTaskStatusQueued
	}
	return created, err
}

// parseCreated returns the task that was taken, or nil where no id is told: such
// an answer is of no use.
func parseCreated(body []byte) (*object, error) {
	task, err := parseTask(body)
	if err != nil || task != nil && task.TaskID != "" {
		return task, err
	}
	var named struct {
		ID   text `json:"id"`
		Data text `json:"data"` // the id alone, as some releases answer a submit
	}
	if looksLikeJSON(body) {
		_ = unmarshal(body, &named)
	}
	id := first(named.ID, named.Data)
	if id == "" {
		return nil, nil
	}
	if task == nil {
		task = new(object)
	}
	task.TaskID = string(id)
	return task, nil
}

// MayBeTaken reports, of the answer to a submit, that the relay may have taken it
// all the same: the answer was lost on its way, or is not in a relay's words but
// a gateway's, which cannot know.
func (e *Error) MayBeTaken() bool {
	inItsWords := e.Code != "" || e.Type != ""
	switch {
	case e.Cut, e.Kind == KindTooLarge:
		return true
	case e.StatusCode/100 == 2:
		return !inItsWords && !e.Page // a page is some other site's: the base URL is wrong
	}
	return e.Kind == KindUnavailable && !inItsWords
}
