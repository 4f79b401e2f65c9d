package relay

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/xiexus/xiexus-go/gen"
)

// response is a decoded JSON body. The task, if there is one, is the body itself
// or, in an envelope, its data. Without a task the body explains an error.
type response struct {
	fields
	Code    text   `json:"code"`
	Message text   `json:"message"`
	Success text   `json:"success"`
	Data    fields `json:"data"`

	body []byte
}

// decodeResponse decodes a body. One that is not JSON results in an empty response.
func decodeResponse(body []byte) (response, error) {
	r := response{body: body}
	if !isJSON(body) {
		return r, nil
	}
	err := json.Unmarshal(body, &r)
	return r, err
}

// object is a JSON object of a response that is a task.
type object struct {
	*fields
	inEnvelope bool
}

// task returns the task of a response, or nil. A status at the top may be the
// envelope's own, as in {"status":"success","data":{…}}, and the data of a task at
// the top may be that of its upstream.
func (r *response) task() *object {
	isEnvelope := r.TaskID == "" || r.Status == "" && r.TaskID == r.Data.TaskID
	switch {
	case isEnvelope && r.Data.isTask():
		return &object{&r.Data, true}
	case r.isTask():
		return &object{&r.fields, false}
	}
	return nil
}

// created returns the task of the response to a create request, or nil if it has no ID: a
// task cannot be used without one. The ID may be called id, or be all of the data.
func (r *response) created() *object {
	task := r.task()
	if task != nil && task.TaskID != "" {
		return task
	}
	var envelope struct {
		Data id `json:"data"`
	}
	_ = json.Unmarshal(r.body, &envelope)
	taskID := cmp.Or(r.ID, r.Data.ID, envelope.Data)
	if taskID == "" || r.Error != nil || isRejection(string(r.Code)) || r.Success == "false" {
		return nil // an error may have an ID too
	}
	if task == nil {
		task = &object{&r.fields, false}
	}
	task.TaskID = taskID
	return task
}

// documented decodes the documented fields of a task.
func (r *response) documented(o *object) gen.VideoTask {
	if !o.inEnvelope {
		return decodeFields[gen.VideoTask](r.body)
	}
	var envelope struct {
		Data gen.VideoTask `json:"data"`
	}
	if json.Unmarshal(r.body, &envelope) == nil {
		return envelope.Data
	}
	var raw struct {
		Data json.RawMessage `json:"data"`
	}
	_ = json.Unmarshal(r.body, &raw)
	return decodeFields[gen.VideoTask](raw.Data)
}

// codeSuccess is the code of an envelope with a task.
const codeSuccess = "success"

// isRejection reports whether the code of a 2xx response rejects the request.
func isRejection(code string) bool {
	switch strings.ToLower(code) {
	case "", "0", "200", "ok", codeSuccess:
		return false
	}
	return true
}
