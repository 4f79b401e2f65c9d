package relay

import (
	"strings"

	"github.com/xiexus/xiexus-go/gen"
)

// status translates a relay's word. The document comes first, so that a word that
// joins it is known by regenerating. Beside its own there are those of the stored
// tasks (upper case) and of the realtime ones, which older public documents use too.
func status(word string) gen.VideoTaskStatus {
	word = strings.TrimSpace(word)
	lower := strings.ToLower(word)
	for _, documented := range []gen.VideoTaskStatus{gen.VideoTaskStatus(word), gen.VideoTaskStatus(lower)} {
		if documented.Valid() {
			return documented
		}
	}
	switch lower {
	case "not_start", "submitted":
		return gen.VideoTaskStatusQueued
	case "processing":
		return gen.VideoTaskStatusInProgress
	case "success", "succeeded":
		return gen.VideoTaskStatusCompleted
	case "failure":
		return gen.VideoTaskStatusFailed
	}
	return StatusUnknown
}
