package relay

import (
	"encoding/json"
	"errors"
	"net/http"
)

// mostRows is how many objects of a batch are read: twice what a request may ask for.
const mostRows = 2000

// ReadBatch reads a response of the batch route and closes its body. It returns the tasks
// by ID; the response may leave out any. Objects that are not tasks are ignored, unless all
// are: then it is a response of something else. So are those beyond the first [mostRows].
func (r Reader) ReadBatch(resp *http.Response) (map[string]Response, *Failure) {
	if resp.StatusCode/100 != 2 {
		return nil, r.ReadFailure(resp)
	}
	defer func() { _ = resp.Body.Close() }()
	body, failure := r.readBody(resp)
	if failure != nil {
		return nil, failure
	}
	objects, err := decodeBatch(body)
	tasks := make(map[string]Response, len(objects))
	for _, body := range objects {
		var decoded fields
		_ = json.Unmarshal(body, &decoded) // a field of an unexpected type must not cost the task
		if decoded.TaskID != "" {
			root := &value{raw: body}
			task := newTask(&response{body: body, root: root}, &object{&decoded, root, false}, baseOf(resp))
			tasks[task.TaskID] = newResponse(resp, task)
		}
	}
	if objects == nil || len(objects) > 0 && len(tasks) == 0 {
		return nil, r.without("task", resp, body, err)
	}
	return tasks, nil
}

// decodeBatch returns the objects of a response, or nil if it is not one of the batch
// route.
func decodeBatch(body []byte) ([]json.RawMessage, error) {
	var batch struct {
		Code text            `json:"code"`
		Data json.RawMessage `json:"data"`
	}
	err := json.Unmarshal(body, &batch)
	if err != nil || !isAccepted(string(batch.Code)) || batch.Code == "" {
		return nil, err
	}
	rows := []json.RawMessage{}
	switch kindOf(batch.Data) {
	case '[':
		for _, row := range parts(batch.Data, mostRows) {
			rows = append(rows, row)
		}
	case 0, 'n': // none of the tasks was found
	default:
		return nil, errors.New("the data of the response is not a list")
	}
	return rows, nil
}
