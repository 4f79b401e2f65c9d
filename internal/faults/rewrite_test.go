package faults_test

import (
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"strings"
)

// row is a task in a response, in the terms of the OpenAPI document.
type row struct{ ID, Status, URL string }

// rowsOf returns the tasks of a right response, and whether it is one of a batch.
func rowsOf(body []byte) (rows []row, isBatch bool) {
	var response struct {
		TaskID string `json:"task_id"`
		Status string
		URL    string
		Data   []struct {
			TaskID    string `json:"task_id"`
			Status    string
			ResultURL string `json:"result_url"`
		}
	}
	_ = json.Unmarshal(body, &response)
	if response.TaskID != "" {
		return []row{{response.TaskID, response.Status, response.URL}}, false
	}
	names := map[string]string{"QUEUED": "queued", "IN_PROGRESS": "in_progress", "SUCCESS": "completed", "FAILURE": "failed"}
	for _, task := range response.Data {
		rows = append(rows, row{task.TaskID, names[task.Status], task.ResultURL})
	}
	return rows, true
}

// object is a JSON object.
type object map[string]any

// write returns a body with tasks. Those of a batch, and a stored task, are in an envelope.
func write(rows []row, isBatch, stored bool, shape func(row) object) []byte {
	tasks := make([]object, len(rows))
	for i, task := range rows {
		tasks[i] = shape(task)
	}
	var body any = tasks[0]
	switch {
	case isBatch:
		body = object{"code": "success", "message": "", "data": tasks}
	case stored:
		body = object{"code": "success", "message": "", "data": tasks[0]}
	}
	text, _ := json.Marshal(body)
	return text
}

// rewrite changes the tasks of a response, and keeps the connection. The number is that of
// the response among those that are changed.
func rewrite(change func(n int, rows []row, isBatch bool) []byte) func(net.Conn, *http.Request, response) bool {
	return func(conn net.Conn, _ *http.Request, right response) bool {
		if rows, isBatch := rowsOf(right.body); len(rows) > 0 {
			right.body = change(right.faults, rows, isBatch)
		}
		_, err := conn.Write(right.bytes())
		return err == nil
	}
}

// The shapes of a task.
func documented(r row) object { return object{"task_id": r.ID, "status": r.Status, "url": r.URL} }

func openAI(r row) object {
	return object{"id": r.ID, "object": "video", "status": r.Status, "metadata": object{"url": r.URL}}
}

func plain(r row) object {
	return object{"id": r.ID, "status": r.Status, "output": []string{r.URL}}
}

func realtime(r row) object {
	names := map[string]string{"in_progress": "processing", "completed": "succeeded"}
	if name, found := names[r.Status]; found {
		r.Status = name
	}
	return object{"task_id": r.ID, "status": r.Status, "url": r.URL, "format": "mp4", "metadata": nil, "error": nil}
}

// stored returns the shape of a stored task, with other members.
func stored(members object) func(row) object {
	names := map[string]string{"queued": "QUEUED", "in_progress": "IN_PROGRESS", "completed": "SUCCESS", "failed": "FAILURE"}
	return func(r row) object {
		status, known := names[r.Status]
		if !known {
			status = r.Status
		}
		task := object{"task_id": r.ID, "status": status, "fail_reason": "", "result_url": r.URL, "progress": "30%"}
		maps.Copy(task, members)
		return task
	}
}

// withStatus returns a task with another status, and without a video.
func withStatus(task row, status string) row { return row{ID: task.ID, Status: status} }

// ofOthers returns tasks with other IDs and videos.
func ofOthers(rows []row) []row {
	changed := make([]row, len(rows))
	for i, task := range rows {
		id := strings.Replace(task.ID, "task_", "other_", 1)
		changed[i] = row{ID: id, Status: "completed", URL: videoOf(id)}
	}
	return changed
}
