package xiexustest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go"
)

// task is a task that follows its script.
type task struct {
	id        string
	model     string // of the request, or empty
	script    Script
	added     time.Time // zero until the first read if the script starts with it
	stored    time.Time // when it can be read for the first time
	responses int
	completed int            // how many of the responses reported a completed task
	failed    *time.Duration // when the last realtime read failed, counted from added
	faults    faults
}

// batchItem returns the task as it is stored, whatever its dialect.
func (t *task) batchItem(at time.Time) map[string]any {
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
	if t.added.IsZero() {
		return t.script.stateAt(-1)
	}
	return t.withURL(t.script.stateAt(at.Sub(t.added)), at)
}

// withURL returns a state with the URL that a response at a time reports.
func (t *task) withURL(step Step, at time.Time) Step {
	if urls := t.script.URLs; step.Status == xiexus.StatusCompleted && len(urls) > 0 {
		step.URL = urls[min(max(t.completed-1, 0), len(urls)-1)]
	}
	step.URL = strings.NewReplacer("{id}", t.id, "{now}", strconv.FormatInt(at.UnixMilli(), 10)).Replace(step.URL)
	return step
}

// modelName returns the model of the request, or that of all other tasks.
func (t *task) modelName() string { return cmp.Or(t.model, "fake-1") }

func (t *task) nextDialect() Dialect {
	if len(t.script.Dialects) == 0 {
		return Documented
	}
	dialect := t.script.Dialects[t.responses%len(t.script.Dialects)]
	t.responses++
	return dialect
}
