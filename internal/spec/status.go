package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// statusFile decides which statuses end a task.
const statusFile = "internal/relay/status.go"

// statusesOf returns the statuses of a document that was loaded.
func statusesOf(document *openapi3.T) []string {
	task := document.Components.Schemas["VideoTask"]
	if task == nil || task.Value == nil || task.Value.Properties["status"] == nil {
		return nil
	}
	var statuses []string
	for _, value := range task.Value.Properties["status"].Value.Enum {
		if status, ok := value.(string); ok {
			statuses = append(statuses, status)
		}
	}
	return statuses
}

// undecided returns the statuses that are not known to end a task and not known not to.
func undecided(statuses []string) []string {
	return slices.DeleteFunc(slices.Clone(statuses), func(status string) bool {
		return relay.Translate(status) != relay.StatusUnknown || relay.NormalizeStatus(status) == string(relay.StatusUnknown)
	})
}

// renamedStatuses returns what tasks with new statuses have been reported as until now.
// The committed statusFile tells words that were translated already from those that have
// been added to it for this document.
func renamedStatuses(before, after []string, committed string) map[string]string {
	renamed := map[string]string{}
	for _, status := range after {
		now, word := string(relay.Translate(status)), relay.NormalizeStatus(status)
		if !slices.Contains(before, status) && now != status && now != string(relay.StatusUnknown) && strings.Contains(committed, strconv.Quote(word)) {
			renamed[status] = now
		}
	}
	return renamed
}

const statusValue = "VideoTask.status = "

// isStatus reports whether a status is new or gone.
func (c change) isStatus() bool { return strings.HasPrefix(c.name, statusValue) }

// explainStatuses marks new statuses that change what programs read of tasks as before.
func explainStatuses(changes []change, renamed map[string]string) {
	for status, now := range renamed {
		for i := range changes {
			if changes[i].before == nil && changes[i].name == statusValue+strconv.Quote(status) {
				changes[i].breaking = true
				changes[i].effect = fmt.Sprintf(": tasks reported as %s until now will be reported as %s", now, status)
			}
		}
	}
}

// committedStatuses returns the committed statusFile, or without one that on disk.
func (t *tool) committedStatuses(ctx context.Context) string {
	printed, err := t.exec(ctx, t.root, "git", "show", "HEAD:"+statusFile)
	if err != nil {
		printed, _ = os.ReadFile(t.path(statusFile)) // without it, none
	}
	return string(printed)
}
