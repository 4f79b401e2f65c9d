package faults_test

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strings"
)

// ofBatch changes responses of the batch route only.
func ofBatch(change func(rows []row) []byte) func(net.Conn, *http.Request, response) bool {
	return func(conn net.Conn, req *http.Request, right response) bool {
		if req.URL.Path == "/suno/fetch" {
			rows, _ := rowsOf(right.body)
			right.body = change(rows)
		}
		_, err := conn.Write(right.bytes())
		return err == nil
	}
}

// batchOf writes the rows of a batch as they are.
func batchOf(change func(rows []row) []row) func(net.Conn, *http.Request, response) bool {
	return ofBatch(func(rows []row) []byte { return write(change(rows), true, true, stored(nil)) })
}

// queued returns tasks that have not ended.
func queued(rows []row) []row {
	var changed []row
	for _, task := range rows {
		changed = append(changed, withStatus(task, "queued"))
	}
	return changed
}

// data writes a batch around JSON.
func data(text string) fault { return named("data: "+text, text) }

func named(name, text string) fault {
	return fault{name: name, respond: ofBatch(func([]row) []byte {
		return []byte(`{"code":"success","message":"","data":` + text + `}`)
	})}
}

// members writes the tasks of a batch with other members.
func members(name string, change func(task object)) fault {
	return fault{name: name, respond: ofBatch(func(rows []row) []byte {
		return write(rows, true, true, func(r row) object {
			task := stored(nil)(r)
			change(task)
			return task
		})
	})}
}

// repeated is a list of 100,000 elements.
func repeated(element string) string {
	return "[" + strings.Repeat(element+",", 99_999) + element + "]"
}

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

var batchFaults = []fault{
	{name: "other tasks' rows", respond: batchOf(ofOthers)},
	{name: "rows of others beside the right ones", respond: batchOf(func(rows []row) []row { return slices.Concat(ofOthers(rows), rows) })},
	{name: "each row twice", respond: batchOf(func(rows []row) []row { return slices.Concat(rows, rows) })},
	{name: "each row twice, first as queued", respond: batchOf(func(rows []row) []row { return slices.Concat(queued(rows), rows) })},
	{name: "each row twice, then as queued", respond: batchOf(func(rows []row) []row { return slices.Concat(rows, queued(rows)) })},
	{name: "only the first row", respond: batchOf(func(rows []row) []row { return rows[:1] })},
	{name: "the videos of other rows", respond: batchOf(func(rows []row) []row {
		for i, task := range ofOthers(rows) {
			rows[i].URL, rows[i].ID = task.URL, task.ID
		}
		return rows
	})},
	{name: "the IDs in capitals", respond: batchOf(func(rows []row) []row {
		for i := range rows {
			rows[i].ID = strings.ToUpper(rows[i].ID)
		}
		return rows
	})},
	data("null"), data("[]"), data("{}"), data("0"), data(`"none"`), data("[null,1,true,\"a\",[],{}]"), data("[[[{}]]]"),
	named("9,000 lists in each other", nested(9_000)), named("100,000 lists in each other", nested(100_000)), named("100,000 empty objects", repeated("{}")), named("100,000 nulls", repeated("null")),
	named("100,000 rows of other tasks", repeated(`{"task_id":"other","status":"SUCCESS","result_url":"http://cdn.localhost/other.mp4"}`)),
	members("task_id: a number", func(task object) { task["task_id"] = 7 }),
	members("task_id: an object", func(task object) { task["task_id"] = object{"id": task["task_id"]} }),
	members("no task_id", func(task object) { delete(task, "task_id") }),
	members("status: a number", func(task object) { task["status"] = 2 }),
	members("status: a list", func(task object) { task["status"] = []any{task["status"]} }),
	members("result_url: a number", func(task object) {
		if task["result_url"] != "" {
			task["data"], task["result_url"] = object{"url": task["result_url"]}, 5
		}
	}),
	members("another task in data", func(task object) {
		task["data"] = object{"task_id": "other_1", "status": "SUCCESS", "url": videoOf("other_1")}
	}),
	{name: "code: not success", respond: ofBatch(func(rows []row) []byte {
		return bytes.Replace(write(rows, true, true, stored(nil)), []byte(`"success"`), []byte(`"get_tasks_failed"`), 1)
	})},
	{name: "a list without an envelope", respond: ofBatch(func(rows []row) []byte {
		var body struct{ Data json.RawMessage }
		_ = json.Unmarshal(write(rows, true, true, stored(nil)), &body)
		return body.Data
	})},
	{name: "an object by ID", respond: ofBatch(func(rows []row) []byte {
		tasks := object{}
		for _, task := range rows {
			tasks[task.ID] = stored(nil)(task)
		}
		body, _ := json.Marshal(object{"code": "success", "data": tasks})
		return body
	})},
}
