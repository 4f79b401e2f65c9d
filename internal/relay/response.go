package relay

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/xiexus/xiexus-go/gen"
)

// response is a decoded JSON body. The task, if there is one, is mostly the body itself or,
// in an envelope, its data. Without a task the body explains an error.
type response struct {
	fields
	Code    text   `json:"code"`
	Success text   `json:"success"`
	Data    fields `json:"data"`

	body []byte
	root *value
	// taskID is the ID of the task that is searched for.
	taskID string
}

// decodeResponse decodes a body. One that is not JSON results in an empty response.
func decodeResponse(body []byte) (*response, error) {
	r := &response{body: body}
	if !isJSON(body) {
		r.root = &value{}
		return r, nil
	}
	r.root = &value{raw: body}
	err := json.Unmarshal(body, r)
	return r, err
}

// object is a JSON object of a response that may be the task.
type object struct {
	*fields
	// value is all of the object. That of the data of an envelope is set when it is needed.
	value *value
	// inData reports that the object is the data of an envelope.
	inData bool
}

// objects returns the objects of a response that may be the task.
func (r *response) objects() []*object {
	return []*object{{&r.fields, r.root, false}, {&r.Data, nil, true}}
}

// valueOf returns all of an object.
func (r *response) valueOf(o *object) *value {
	if o.value == nil {
		o.value = r.root.at("data")
	}
	return o.value
}

// nested returns further objects that may be the task, which few relays send.
func (r *response) nested() []*object {
	var objects []*object
	add := func(list *value) {
		if list == nil {
			return
		}
		list.decode()
		for _, v := range append([]*value{list}, list.elements...) {
			if v.kind() == '{' {
				o := &object{new(fields), v, false}
				_ = json.Unmarshal(v.raw, o.fields)
				objects = append(objects, o)
			}
		}
	}
	add(r.root)
	for _, place := range append([]string{"data"}, taskPlaces...) {
		add(r.root.listAt(place))
	}
	return objects
}

// task returns the task with an ID, or nil. The ID decides, and not the place: an envelope
// has a status of its own, and a task may carry that of its upstream. An object that names
// no ID is believed less; see [response.isPlausible].
func (r *response) task(taskID string) *object {
	taskID = strings.TrimSpace(string([]rune(taskID))) // as JSON has it, where it is not UTF-8
	r.taskID = taskID
	objects := r.objects()
	found, other := withID(objects, taskID)
	if found == nil {
		objects = append(objects, r.nested()...)
		found, other = withID(objects, taskID)
	}
	isRejected := found != nil && found.status() == "" && !isAccepted(string(r.Code))
	data := objects[1]
	switch {
	case isRejected:
		return nil
	case found == objects[0] && r.isBeside(found, data):
		return data
	case found != nil, other:
		return found
	case r.isPlausible(data):
		return data
	case data.status() == "" && r.isPlausible(objects[0]):
		return objects[0]
	}
	return nil
}

// isBeside reports whether the ID of a task stands beside its data, and not in it. A status
// beside it is then that of the request: the task has succeeded only if there is a video.
func (r *response) isBeside(named, data *object) bool {
	status := parseStatus(data.status())
	switch {
	case status == StatusUnknown, data.isOther():
		return false
	case named.status() == "":
		return true
	}
	isDone := IsCompleted(status) || IsFailed(status)
	return !isDone && IsCompleted(parseStatus(named.status())) && len(new(finder).urls(r.root, "", deepest)) == 0
}

// withID returns the object with an ID, if possible one with a status. It reports whether
// there is one with another ID.
func withID(objects []*object, taskID string) (found *object, other bool) {
	for _, o := range objects {
		switch {
		case o.hasID(taskID):
			if found == nil || found.status() == "" && o.status() != "" {
				found = o
			}
		case o.isOther():
			other = true
		}
	}
	return found, other
}

// hasOthers reports whether the response has tasks other than the one that is searched for.
func (r *response) hasOthers() bool {
	_, others := withID(append(r.objects(), r.nested()...), r.taskID)
	return others
}

// hasID reports whether one of the IDs of an object is that of the task.
func (f *fields) hasID(taskID string) bool {
	for _, id := range []id{f.TaskID, f.CamelID, f.ID, f.VideoID, f.RequestID} {
		if id != "" && strings.TrimSpace(string(id)) == taskID {
			return true
		}
	}
	return false
}

// isOther reports whether an object without the ID of the task is another task. A number as
// id may be that of a row in a database.
func (f *fields) isOther() bool {
	named := cmp.Or(f.TaskID, f.CamelID)
	if f.ID != "" && !isNumber(string(f.ID)) {
		named = cmp.Or(named, f.ID)
	}
	return named != "" && (f.status() != "" || f.TaskID != "" || f.CamelID != "")
}

// isPlausible reports whether an object without an ID is the task: a gateway may send a
// status too. A completed one needs a video, and a failed one the fields of a task.
func (r *response) isPlausible(o *object) bool {
	status := parseStatus(o.status())
	switch {
	case status == StatusUnknown:
		return false
	case IsFailed(status):
		return cmp.Or(o.FailReason, o.ResultURL, o.Progress, o.SubmitTime, o.FinishTime) != ""
	case IsCompleted(status):
		return len(new(finder).urls(r.valueOf(o), "", deepest)) > 0
	}
	return true
}

// created returns the task of the response to a create request, or nil if it has no ID or
// the request was not accepted: a task cannot be used without an ID.
func (r *response) created() *object {
	taskID := r.root.firstID(taskIDPlaces)
	if taskID == "" {
		taskID = r.root.firstID(idPlaces)
		if r.isError(taskID) {
			return nil // an error may have an ID too
		}
	}
	if taskID == "" || !r.isAccepted() {
		return nil
	}
	task, _ := withID(append(r.objects(), r.nested()...), taskID)
	if task == nil {
		task = &object{&r.fields, r.root, false}
	}
	task.TaskID = id(taskID)
	return task
}

// isError reports whether a response with an ID that is not called that of a task is one of
// an error. The ID of a request is that of a task only if nothing is said about the request.
func (r *response) isError(id string) bool {
	return r.root.at("error").reason() != "" || IsFailed(parseStatus(r.status())) ||
		id == string(r.RequestID) && r.root.reason() != ""
}

// isAccepted reports whether the response to a create request, with an ID, accepts it. Some
// relays have their own code for success, and say so in words.
func (r *response) isAccepted() bool {
	code, refusal := string(r.Code), r.root.reason()
	switch {
	case isRefusal(code), r.isUnsuccessful():
		return false
	case isAccepted(code):
		return r.status() != "" || r.root.at("error").reason() == ""
	}
	return refusal == "" && Translate(code) != gen.VideoTaskStatusFailed
}

// isUnsuccessful reports whether the body says that there was no success.
func (r *response) isUnsuccessful() bool {
	return r.Success == "0" || strings.EqualFold(string(r.Success), "false")
}

// documented decodes the documented fields of a task.
func (r *response) documented(o *object) gen.VideoTask {
	if o.inData {
		var envelope struct {
			Data gen.VideoTask `json:"data"`
		}
		if json.Unmarshal(r.body, &envelope) == nil {
			return envelope.Data
		}
	}
	return decodeFields[gen.VideoTask](r.valueOf(o).bytes())
}
