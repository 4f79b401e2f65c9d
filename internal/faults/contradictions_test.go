package faults_test

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"time"
)

// inOneShape writes all tasks in a shape.
func inOneShape(isStored bool, shape func(row) object) func(net.Conn, *http.Request, response) bool {
	return rewrite(func(_ int, rows []row, isBatch bool) []byte { return write(rows, isBatch, isStored, shape) })
}

// inTurn writes the tasks of each response in another shape.
func inTurn(n int, rows []row, isBatch bool) []byte {
	switch n % 5 {
	case 0:
		return write(rows, isBatch, false, documented)
	case 1:
		return write(rows, isBatch, true, stored(nil))
	case 2:
		return write(rows, isBatch, false, openAI)
	case 3:
		return write(rows, isBatch, true, realtime)
	}
	return write(rows, isBatch, false, plain)
}

// becomes writes a task with another status, every other time that it is in a response.
func becomes(status string, shape func(row) object) func(net.Conn, *http.Request, response) bool {
	return func(conn net.Conn, req *http.Request, right response) bool {
		return rewrite(func(_ int, rows []row, isBatch bool) []byte {
			for i, task := range rows {
				if right.seen(task.ID)%2 == 0 {
					rows[i] = withStatus(task, status)
				}
			}
			return write(rows, isBatch, true, shape)
		})(conn, req, right)
	}
}

var contradictions = []fault{
	{name: "each response in another shape", respond: rewrite(inTurn)},
	{name: "OpenAI's shape", respond: inOneShape(false, openAI)},
	{name: "a plain shape", respond: inOneShape(false, plain)},
	{name: "queued again, every other time", respond: becomes("queued", stored(nil))},
	{name: "failed without a reason, every other time", respond: becomes("failed", stored(nil))},
	{name: "realtime, failed without a reason, every other time", respond: becomes("failed", realtime)},
	{name: "failed with a reason", respond: becomes("failed", stored(object{"fail_reason": "unsafe"}))},
	{name: "no status, every other time", respond: becomes("", stored(nil))},
	{name: "a status that is not known, every other time", respond: becomes("PAUSED", stored(nil))},
	{name: "another task's", respond: rewrite(func(_ int, rows []row, isBatch bool) []byte {
		return write(ofOthers(rows), isBatch, true, stored(nil))
	})},
	{name: "progress beyond bounds", respond: inOneShape(true, stored(object{"progress": json.Number("1e300")}))},
}

// dated sends another Date, by the number of the response.
func dated(name string, date func(n int) string) fault {
	return fault{name: "Date: " + name, respond: func(conn net.Conn, _ *http.Request, right response) bool {
		_, err := conn.Write(right.with("Date", date(right.faults)).bytes())
		return err == nil
	}}
}

// dates are those that jump, in turn.
func dates(jumps ...time.Duration) func(n int) string {
	return func(n int) string { return time.Now().Add(jumps[n%len(jumps)]).UTC().Format(http.TimeFormat) }
}

// times are the times of a stored task, all of them the same value.
func times(name string, value any) fault {
	members := object{}
	for _, member := range []string{"submit_time", "start_time", "finish_time", "created_at", "updated_at"} {
		members[member] = value
	}
	return fault{name: "times: " + name, respond: inOneShape(true, stored(members))}
}

const hour = time.Hour

var clockFaults = []fault{
	dated("ten years ago", dates(-87600*hour)),
	dated("in ten years", dates(87600*hour)),
	dated("hours back and forth", dates(0, -3*hour, 5*hour, -7*hour)),
	dated("a minute later each time", func(n int) string { return dates(time.Duration(n) * time.Minute)(0) }),
	dated("stands still", func(int) string { return bubbleStart.Format(http.TimeFormat) }),
	dated("the year 1", func(int) string { return "Mon, 01 Jan 0001 00:00:00 GMT" }),
	dated("the year 9999", func(int) string { return "Fri, 31 Dec 9999 23:59:59 GMT" }),
	dated("not a date", func(int) string { return "yesterday" }),
	times("0", 0),
	times("-1", -1),
	times("the past", bubbleStart.AddDate(-10, 0, 0).Unix()),
	times("the future", bubbleStart.AddDate(10, 0, 0).Unix()),
	times("in milliseconds", bubbleStart.UnixMilli()),
	times("the largest integer", json.Number(strconv.FormatUint(1<<63-1, 10))),
	times("the smallest integer", json.Number("-9223372036854775808")),
	times("1e300", json.Number("1e300")),
	times("a fraction", json.Number("946684800.999999999")),
	times("a text", "soon"),
	times("null", nil),
	times("an object", object{}),
	{name: "times: start after finish", respond: inOneShape(true, stored(object{
		"submit_time": bubbleStart.Add(3 * hour).Unix(), "start_time": bubbleStart.Add(2 * hour).Unix(), "finish_time": bubbleStart.Unix(),
	}))},
}
