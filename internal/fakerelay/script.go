package fakerelay

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/gen"
)

// Dialect is a shape of the status route's answers.
type Dialect string

// The dialects that real relays speak.
const (
	Documented   Dialect = "documented"    // flat, as the document says
	Stored       Dialect = "stored"        // from the relay's database
	StoredLegacy Dialect = "stored-legacy" // the same before result_url: the address is in fail_reason
	Realtime     Dialect = "realtime"      // asked upstream on every read
)

// Dialects are all of them.
var Dialects = [...]Dialect{Documented, Stored, StoredLegacy, Realtime}

// Script is the life of a task.
type Script struct {
	// Dialects are spoken in turn, one an answer; by default Documented.
	Dialects []Dialect
	// Steps are what happens, in order of time. Before the first the task is queued.
	Steps []Step
	// URLs, if there are any, are the addresses of the completed task instead of
	// its step's, one a read; the last stays.
	URLs []string
	// Ticker, if set, is when stored tasks are looked at: what happens in between
	// shows, in the stored dialects, at the next tick.
	Ticker Ticker
}

// Ticker is the server's, as real relays have one. The zero value is none.
type Ticker struct {
	// Period is the time between two ticks.
	Period time.Duration
	// Phase is when the first tick is, counted from when the task was added.
	Phase time.Duration
	// Skips are the ticks that do not happen, counted from 0.
	Skips []int
	// Frozen leaves the task's times as they were when it was added.
	Frozen bool
}

// last returns the last tick at or before a time since the task was added, false if there was none.
func (t Ticker) last(since time.Duration) (time.Duration, bool) {
	if since < t.Phase {
		return 0, false
	}
	for n := int((since - t.Phase) / t.Period); n >= 0; n-- {
		if !slices.Contains(t.Skips, n) {
			return t.Phase + time.Duration(n)*t.Period, true
		}
	}
	return 0, false
}

// Step is the state of a task from a moment on.
type Step struct {
	// After is the moment, counted from when the task was added.
	After time.Duration
	// Status is one of the document's, which each dialect says in its own words;
	// any other word, the empty one too, is sent as it is.
	Status gen.VideoTaskStatus
	// Progress is a percentage.
	Progress int
	// URL is the address of the video. In it "{id}" stands for the task's id, and
	// "{now}" for the moment of the answer: with "?since={now}" it is good for
	// Delivery.Life.
	URL string
	// Reason is why the task failed.
	Reason string
}

// first returns the first tick at or after a time since the task was added, or
// the time itself where there is no ticker.
func (t Ticker) first(since time.Duration) time.Duration {
	if t.Period <= 0 {
		return since
	}
	n := 0
	for t.Phase+time.Duration(n)*t.Period < since || slices.Contains(t.Skips, n) {
		n++
	}
	return t.Phase + time.Duration(n)*t.Period
}

// Completes is the script of a task that is queued, works, and is completed
// after d with a video at url.
func Completes(d time.Duration, url string, dialects ...Dialect) Script {
	return Script{Dialects: dialects, Steps: []Step{
		{Status: gen.VideoTaskStatusQueued},
		{After: d / 5, Status: gen.VideoTaskStatusInProgress, Progress: 10},
		{After: d * 2 / 5, Status: gen.VideoTaskStatusInProgress, Progress: 35},
		{After: d * 3 / 5, Status: gen.VideoTaskStatusInProgress, Progress: 60},
		{After: d * 4 / 5, Status: gen.VideoTaskStatusInProgress, Progress: 85},
		{After: d, Status: gen.VideoTaskStatusCompleted, Progress: 100, URL: url},
	}}
}

// Fails is the script of a task that fails after d for a reason.
func Fails(d time.Duration, reason string, dialects ...Dialect) Script {
	return Script{Dialects: dialects, Steps: []Step{
		{Status: gen.VideoTaskStatusQueued},
		{After: d / 2, Status: gen.VideoTaskStatusInProgress, Progress: 40},
		{After: d, Status: gen.VideoTaskStatusFailed, Progress: 100, Reason: reason},
	}}
}

// task is a script that plays.
type task struct {
	id      string
	script  Script
	added   time.Time // zero until the first read of a task that waits for it
	appears time.Time // when it is there to be read
	answers int
	ends    int // of the answers: those with a completed task
	faults  []Fault
}

// read is what the next read of the task gets: a fault, and the answer it spoils.
func (t *task) read(at time.Time) (Fault, answer) {
	if t.added.IsZero() {
		t.added = at
	}
	if t.now(at).Status == gen.VideoTaskStatusCompleted {
		t.ends++
	}
	return t.nextFault(), t.answer(at)
}

// now returns the step that holds at a time.
func (t *task) now(at time.Time) Step {
	step := Step{Status: gen.VideoTaskStatusQueued}
	for _, next := range t.script.Steps {
		if t.added.IsZero() || at.Sub(t.added) < next.After {
			break
		}
		step = next
	}
	if urls := t.script.URLs; step.Status == gen.VideoTaskStatusCompleted && len(urls) > 0 {
		step.URL = urls[min(max(t.ends-1, 0), len(urls)-1)]
	}
	step.URL = strings.NewReplacer("{id}", t.id, "{now}", strconv.FormatInt(at.UnixMilli(), 10)).Replace(step.URL)
	return step
}

// since returns when the task first had one of the statuses, as unix seconds; 0 is never until at.
func (t *task) since(at time.Time, statuses ...gen.VideoTaskStatus) int64 {
	for _, step := range t.script.Steps {
		moment := t.added.Add(t.script.Ticker.first(step.After))
		if slices.Contains(statuses, step.Status) && !moment.After(at) {
			return moment.Unix()
		}
	}
	return 0
}

func (t *task) nextFault() Fault {
	if len(t.faults) == 0 {
		return Fault{}
	}
	fault := t.faults[0]
	t.faults = t.faults[1:]
	return fault
}

func (t *task) nextDialect() Dialect {
	if len(t.script.Dialects) == 0 {
		return Documented
	}
	dialect := t.script.Dialects[t.answers%len(t.script.Dialects)]
	t.answers++
	return dialect
}
