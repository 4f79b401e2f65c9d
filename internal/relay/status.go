package relay

import (
	"strings"

	"github.com/xiexus/xiexus-go/gen"
)

// status translates a relay's word. Beside the document's own there are those
// of the stored tasks (upper case) and of the realtime ones, which older public
// documents use too. A word that joins the document is known by regenerating.
func status(word string) gen.VideoTaskStatus {
	word = strings.ToLower(strings.TrimSpace(word))
	switch word {
	case "not_start", "submitted":
		return gen.VideoTaskStatusQueued
	case "processing":
		return gen.VideoTaskStatusInProgress
	case "success", "succeeded":
		return gen.VideoTaskStatusCompleted
	case "failure":
		return gen.VideoTaskStatusFailed
	}
	if documented := gen.VideoTaskStatus(word); documented.Valid() {
		return documented
	}
	return StatusUnknown
}
