package relay

import (
	"cmp"
	"encoding/json"
	"strings"
)

// response is a decoded JSON body. The task, if there is one, is the body itself
// or, in an envelope, its data. Without a task the body explains an error.
type response struct {
	object
	Code    text            `json:"code"`
	Message text            `json:"message"`
	Success text            `json:"success"`
	Data    json.RawMessage `json:"data"`
	inner   object          // decoded from Data
}

// decodeResponse decodes a body. One that is not JSON gives an empty response.
func decodeResponse(body []byte) (response, error) {
	var r response
	if !isJSON(body) {
		return r, nil
	}
	if err := decode(body, &r); err != nil {
		return response{}, err
	}
	if isJSON(r.Data) {
		_ = decode(r.Data, &r.inner)
	}
	r.source = body
	r.inner.source, r.inner.inEnvelope = r.Data, true
	return r, nil
}

// task returns the task of a response, or nil. A status at the top may be the
// envelope's own, as in {"status":"success","data":{…}}, and the data of a task at
// the top may be that of its upstream.
func (r *response) task() *object {
	isEnvelope := r.TaskID == "" || r.Status == "" && r.TaskID == r.inner.TaskID
	switch {
	case isEnvelope && r.inner.isTask():
		return &r.inner
	case r.isTask():
		return &r.object
	}
	return nil
}

// created returns the task of the response to a submit, or nil if it has no id: a
// task cannot be used without. The id may be called id, or be all the data.
func (r *response) created() *object {
	task := r.task()
	if task != nil && task.TaskID != "" {
		return task
	}
	var data id
	_ = decode(r.Data, &data)
	taskID := cmp.Or(r.ID, r.inner.ID, data)
	if taskID == "" || r.Error != nil || isRejection(string(r.Code)) || r.Success == "false" {
		return nil // an error may have an id too
	}
	if task == nil {
		task = &r.object
	}
	task.TaskID = taskID
	return task
}

// isRejection reports whether the code of a 2xx response rejects the request.
func isRejection(code string) bool {
	switch strings.ToLower(code) {
	case "", "0", "200", "ok", codeSuccess:
		return false
	}
	return true
}
