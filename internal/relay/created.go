package relay

import (
	"net/http"
	"strconv"
	"strings"

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
	id := otherID(body)
	if id == "" {
		return nil, nil
	}
	if task == nil {
		task = new(object)
	}
	task.TaskID = id
	return task, nil
}

// otherID finds the id where it is not called task_id, unless the answer is a no:
// that may have an id of its own.
func otherID(body []byte) string {
	var named struct {
		ID      text     `json:"id"`
		Data    idInside `json:"data"`
		Error   *details `json:"error"`
		Code    text     `json:"code"`
		Success *bool    `json:"success"`
	}
	if looksLikeJSON(body) {
		_ = unmarshal(body, &named)
	}
	if named.Error != nil || isRefusal(string(named.Code)) || named.Success != nil && !*named.Success {
		return ""
	}
	return string(first(named.ID, text(named.Data)))
}

// idInside is the id in an envelope: an object's, or alone, as some releases
// answer a submit.
type idInside text

func (i *idInside) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return (*text)(i).UnmarshalJSON(data)
	}
	var named struct {
		ID text `json:"id"`
	}
	err := unmarshal(data, &named)
	*i = idInside(named.ID)
	return err
}

// isRefusal reports, of the code in a 200, that it says no.
func isRefusal(code string) bool {
	switch strings.ToLower(code) {
	case "", "0", "200", "ok", codeSuccess:
		return false
	}
	return true
}

// MayBeTaken reports, of the answer to a submit, that the relay may have taken it
// all the same: the answer was lost on its way, came too late, or is not in a
// relay's words but a gateway's, which cannot know.
func (e *Error) MayBeTaken() bool {
	switch e.StatusCode {
	case http.StatusRequestTimeout, 499, http.StatusGatewayTimeout, 522, 524: // nginx's and Cloudflare's too
		return true
	case http.StatusNotImplemented: // by what is no relay
		return false
	}
	switch {
	case e.Cut, e.Kind == KindTooLarge:
		return true
	case e.StatusCode/100 == 2:
		return !isRefusal(e.Code) && e.Type == "" && !e.Page // a page is some other site's: the base URL is wrong
	}
	return e.Kind == KindUnavailable && !e.inRelaysWords()
}

// inRelaysWords reports a word for a code, New API's type of errors, or another
// type beside the relay's request id: gateways know none of these.
func (e *Error) inRelaysWords() bool {
	if _, err := strconv.Atoi(e.Code); e.Code != "" && err != nil {
		return true
	}
	return e.Type == "new_api_error" || e.Type != "" && e.RequestID != ""
}
