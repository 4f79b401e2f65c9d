package xiexustest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
)

// task is a task that follows its script.
type task struct {
	id        string
	script    Script
	added     time.Time // zero until the first read if the script starts with it
	stored    time.Time // when it can be read for the first time
	responses int
	completed int // how many of the responses reported a completed task
	faults    faults
}

// read returns the response to the next read of the task, and its fault.
func (t *task) read(at time.Time) (Fault, response) {
	t.visit(at)
	return t.faults.next(), t.respond(at)
}

// row returns the task as it is stored, whatever its dialect.
func (t *task) row(at time.Time) map[string]any {
	t.visit(at)
	return t.storedBody(at, slices.Contains(t.script.Dialects, StoredLegacy))
}

// visit counts a read of the task.
func (t *task) visit(at time.Time) {
	if t.added.IsZero() {
		t.added = at
	}
	if t.stepAt(at).Status == xiexus.StatusCompleted {
		t.completed++
	}
}

// stepAt returns the state of the task at a time.
func (t *task) stepAt(at time.Time) Step {
	step := Step{Status: xiexus.StatusQueued}
	for _, next := range t.script.Steps {
		if t.added.IsZero() || at.Sub(t.added) < next.At {
			break
		}
		step = next
	}
	if urls := t.script.URLs; step.Status == xiexus.StatusCompleted && len(urls) > 0 {
		step.URL = urls[min(max(t.completed-1, 0), len(urls)-1)]
	}
	step.URL = strings.NewReplacer("{id}", t.id, "{now}", strconv.FormatInt(at.UnixMilli(), 10)).Replace(step.URL)
	return step
}

// polled returns when the server last polled the task's upstream, and the state
// that the upstream reported.
func (t *task) polled(at time.Time) (time.Time, Step) {
	ticker := t.script.Ticker
	if ticker.Interval <= 0 {
		step := t.stepAt(at)
		return t.added.Add(step.At), step
	}
	elapsed, found := ticker.previous(at.Sub(t.added))
	if !found {
		return t.added, Step{Status: xiexus.StatusQueued}
	}
	return t.added.Add(elapsed), t.stepAt(t.added.Add(elapsed))
}

// firstSeen returns when the server first saw one of the statuses, in Unix seconds,
// 0 if that is after at.
func (t *task) firstSeen(at time.Time, statuses ...gen.VideoTaskStatus) int64 {
	for _, step := range t.script.Steps {
		seen := t.added.Add(t.script.Ticker.next(step.At))
		if slices.Contains(statuses, step.Status) && !seen.After(at) {
			return seen.Unix()
		}
	}
	return 0
}

func (t *task) nextDialect() Dialect {
	if len(t.script.Dialects) == 0 {
		return Documented
	}
	dialect := t.script.Dialects[t.responses%len(t.script.Dialects)]
	t.responses++
	return dialect
}
