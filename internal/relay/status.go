package relay

import (
	"strings"

	"github.com/xiexus/xiexus-go/gen"
)

// StatusUnknown is the status of a task whose relay reports no known status.
const StatusUnknown gen.VideoTaskStatus = "unknown"

// Translate returns the status that a word means, or [StatusUnknown]. This is the one list
// of the statuses of relays and vendors. Only the last two groups are terminal. A word of
// the OpenAPI document is listed too, so that it is known whether it ends a task.
func Translate(word string) gen.VideoTaskStatus {
	switch NormalizeStatus(word) {
	case "queued", "not_start", "submitted", "accepted", "created", "pending", "preparing", "waiting", "queueing", "in_queue":
		return gen.VideoTaskStatusQueued
	case "in_progress", "processing", "running", "generating":
		return gen.VideoTaskStatusInProgress
	case "completed", "complete", "success", "succeeded", "succeed", "successful", "done", "finished", "finish", "ready", "ok":
		return gen.VideoTaskStatusCompleted
	case "failed", "failure", "fail", "error",
		"cancelled", "canceled", "cancel", "expired", "timeout", "timed_out", "timedout", "time_out", "rejected", "aborted", "terminated":
		return gen.VideoTaskStatusFailed
	}
	return StatusUnknown
}

// NormalizeStatus writes a status as the OpenAPI document does: "TIMED-OUT" becomes "timed_out",
// and Novita's "TASK_STATUS_SUCCEED" becomes "succeed".
func NormalizeStatus(word string) string {
	word = strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(strings.TrimSpace(word)))
	return strings.TrimPrefix(word, "task_status_")
}

// parseStatus translates a relay's status. The documented values come first, so that one
// that is added to the OpenAPI document is reported as it is after regenerating.
func parseStatus(value string) gen.VideoTaskStatus {
	value = strings.TrimSpace(value)
	for _, documented := range []string{value, strings.ToLower(value), NormalizeStatus(value)} {
		if status := gen.VideoTaskStatus(documented); status.Valid() {
			return status
		}
	}
	return Translate(value)
}

// IsCompleted reports whether a status, documented or not, means that there is a video.
func IsCompleted(status gen.VideoTaskStatus) bool {
	return Translate(string(status)) == gen.VideoTaskStatusCompleted
}

// IsFailed reports whether a status, documented or not, means that there will be no video.
func IsFailed(status gen.VideoTaskStatus) bool {
	return Translate(string(status)) == gen.VideoTaskStatusFailed
}

// saysWhy reports whether a status of a failed task is more than that it failed.
func saysWhy(status string) bool {
	switch NormalizeStatus(status) {
	case "failed", "failure", "fail", "error":
		return false
	}
	return true
}
