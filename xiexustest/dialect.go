package xiexustest

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
)

// Dialect is one of the shapes in which relays report a task. New API sends two,
// [Stored] and [Realtime]; [StoredLegacy] is an older variant of the first. The
// [Documented] one is sent by other servers.
type Dialect string

// The dialects of real relays.
const (
	// Documented is the flat object of the OpenAPI document. It is sent by relays that
	// forward to other relays, and by relays of other vendors.
	Documented Dialect = "documented"
	// Stored is a row of the relay's database in an envelope, with statuses such as
	// IN_PROGRESS and SUCCESS. New API reports it for all upstreams except Gemini and
	// Vertex. The result_url of a failed task repeats the reason and is not a URL.
	Stored Dialect = "stored"
	// StoredLegacy is Stored as sent by releases before early 2026: there is no
	// result_url, and fail_reason holds the URL of a completed task's video.
	StoredLegacy Dialect = "stored-legacy"
	// Realtime is what New API reports for Gemini and Vertex, whose upstream it polls
	// on every read: an envelope with statuses such as processing and succeeded. A
	// failed task has no reason.
	Realtime Dialect = "realtime"
)

// AllDialects returns all dialects.
func AllDialects() []Dialect { return []Dialect{Documented, Stored, StoredLegacy, Realtime} }

// respond returns the task in the dialect whose turn it is, which decides whether a
// fault of the upstream matters.
func (t *task) respond(at time.Time, fault Fault) response {
	switch dialect := t.nextDialect(); dialect {
	case Stored, StoredLegacy:
		return envelope(http.StatusOK, "success", "", t.storedBody(at, dialect == StoredLegacy))
	case Realtime:
		return envelope(http.StatusOK, "success", "", t.realtimeBody(t.query(at, fault)))
	default:
		return jsonBody(http.StatusOK, t.documentedBody(t.stepAt(at)))
	}
}

func (t *task) documentedBody(step Step) map[string]any {
	body := map[string]any{"task_id": t.id, "status": step.Status}
	switch step.Status {
	case xiexus.StatusCompleted:
		body["format"] = "mp4"
		body["metadata"] = map[string]any{"duration": 5, "fps": 24, "width": 1280, "height": 720, "seed": 20231234}
		if step.URL != "" {
			body["url"] = step.URL
		}
	case xiexus.StatusFailed:
		body["error"] = map[string]any{"code": 1001, "message": step.Reason}
	}
	return body
}

func (t *task) storedBody(at time.Time, legacy bool) map[string]any {
	row := t.row(at)
	step := t.withURL(row.Step, at)
	names := map[gen.VideoTaskStatus]string{
		xiexus.StatusQueued:     "QUEUED",
		xiexus.StatusInProgress: "IN_PROGRESS",
		xiexus.StatusCompleted:  "SUCCESS",
		xiexus.StatusFailed:     "FAILURE",
	}
	body := map[string]any{
		"id":          1,
		"task_id":     t.id,
		"platform":    "50",
		"action":      "textGenerate",
		"status":      translate(names, step.Status),
		"progress":    fmt.Sprintf("%d%%", step.Progress),
		"fail_reason": step.Reason,
		"submit_time": t.added.Unix(),
		"start_time":  t.unix(row.started),
		"finish_time": t.unix(row.finished),
		"created_at":  t.added.Unix(),
		"updated_at":  t.added.Add(row.updated).Unix(),
		"properties":  map[string]any{"input": "", "origin_model_name": t.modelName()},
		"data":        nil,
	}
	if row.polled {
		body["data"] = map[string]any{"code": 0, "message": "SUCCEED", "data": strings.Repeat("x", max(t.script.DataSize, 0))}
	}
	result := step.URL
	if step.Status == xiexus.StatusFailed {
		result = step.Reason
	}
	switch {
	case legacy && step.URL != "":
		body["fail_reason"] = step.URL
	case !legacy && result != "":
		body["result_url"] = result
	}
	return body
}

// unix returns a time of the task in Unix seconds, 0 if it has not come.
func (t *task) unix(elapsed *time.Duration) int64 {
	if elapsed == nil {
		return 0
	}
	return t.added.Add(*elapsed).Unix()
}

func (t *task) realtimeBody(step Step) map[string]any {
	names := map[gen.VideoTaskStatus]string{
		xiexus.StatusInProgress: "processing",
		xiexus.StatusCompleted:  "succeeded",
	}
	return map[string]any{
		"task_id":  t.id,
		"status":   translate(names, step.Status),
		"url":      step.URL,
		"format":   "mp4",
		"metadata": nil,
		"error":    nil,
	}
}

// translate returns a dialect's name of a status, or the status itself.
func translate(names map[gen.VideoTaskStatus]string, status gen.VideoTaskStatus) string {
	if name, found := names[status]; found {
		return name
	}
	return string(status)
}
