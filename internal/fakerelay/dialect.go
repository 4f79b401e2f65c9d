package fakerelay

import (
	"fmt"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/gen/server"
)

// answer is the task at a time, in the dialect whose turn it is.
func (t *task) answer(at time.Time) answer {
	switch dialect := t.nextDialect(); dialect {
	case Stored, StoredLegacy:
		return envelope(http.StatusOK, "success", "", t.stored(at, dialect == StoredLegacy))
	case Realtime:
		return envelope(http.StatusOK, "success", "", t.realtime(t.now(at)))
	default:
		return t.documented(t.now(at)).VisitGetVideoGenerationResponse
	}
}

func (t *task) documented(step Step) server.GetVideoGeneration200JSONResponse {
	task := server.GetVideoGeneration200JSONResponse{TaskID: t.id, Status: step.Status}
	switch step.Status {
	case gen.VideoTaskStatusCompleted:
		task.URL, task.Format = step.URL, "mp4"
		task.Metadata = &gen.VideoTaskMetadata{Duration: 5, Fps: 24, Width: 1280, Height: 720, Seed: 20231234}
	case gen.VideoTaskStatusFailed:
		task.Error = &gen.VideoTaskError{Code: 1001, Message: step.Reason}
	}
	return task
}

// lookedAt returns when the relay last looked at the task, and what it saw.
func (t *task) lookedAt(at time.Time) (time.Time, Step) {
	ticker := t.script.Ticker
	if ticker.Period <= 0 {
		step := t.now(at)
		return t.added.Add(step.After), step
	}
	last, ticked := ticker.last(at.Sub(t.added))
	if !ticked {
		return t.added, Step{Status: gen.VideoTaskStatusQueued}
	}
	return t.added.Add(last), t.now(t.added.Add(last))
}

// stored is a row of the relay's database.
func (t *task) stored(at time.Time, legacy bool) map[string]any {
	updated, step := t.lookedAt(at)
	if t.script.Ticker.Frozen {
		updated = t.added
	}
	words := map[gen.VideoTaskStatus]string{
		gen.VideoTaskStatusQueued:     "QUEUED",
		gen.VideoTaskStatusInProgress: "IN_PROGRESS",
		gen.VideoTaskStatusCompleted:  "SUCCESS",
		gen.VideoTaskStatusFailed:     "FAILURE",
	}
	row := map[string]any{
		"id":          1,
		"task_id":     t.id,
		"platform":    "50",
		"action":      "textGenerate",
		"status":      inWords(words, step.Status),
		"progress":    fmt.Sprintf("%d%%", step.Progress),
		"fail_reason": step.Reason,
		"submit_time": t.added.Unix(),
		"start_time":  t.since(updated, gen.VideoTaskStatusInProgress),
		"finish_time": t.since(updated, gen.VideoTaskStatusCompleted, gen.VideoTaskStatusFailed),
		"created_at":  t.added.Unix(),
		"updated_at":  updated.Unix(),
		"properties":  map[string]any{"input": "", "origin_model_name": "fake-1"},
		"data":        map[string]any{"code": 0, "message": "SUCCEED"},
	}
	result := step.URL
	if step.Status == gen.VideoTaskStatusFailed {
		result = step.Reason // as real ones do
	}
	switch {
	case legacy && step.URL != "":
		row["fail_reason"] = step.URL
	case !legacy && result != "":
		row["result_url"] = result
	}
	return row
}

// realtime is what a relay makes of its upstream's answer.
func (t *task) realtime(step Step) map[string]any {
	words := map[gen.VideoTaskStatus]string{
		gen.VideoTaskStatusInProgress: "processing",
		gen.VideoTaskStatusCompleted:  "succeeded",
	}
	return map[string]any{
		"task_id":  t.id,
		"status":   inWords(words, step.Status),
		"url":      step.URL,
		"format":   "mp4",
		"metadata": nil,
		"error":    nil,
	}
}

func inWords(words map[gen.VideoTaskStatus]string, status gen.VideoTaskStatus) string {
	if word, ok := words[status]; ok {
		return word
	}
	return string(status)
}
