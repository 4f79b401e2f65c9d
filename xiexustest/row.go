package xiexustest

import (
	"time"

	"github.com/xiexus/xiexus-go"
)

// row is what the relay's database has of a task. Times are counted from when the task
// was added.
type row struct {
	Step
	polled            bool // the upstream has been polled
	updated           time.Duration
	started, finished *time.Duration // nil if not yet
}

// row returns the row of the task at a time.
func (t *task) row(at time.Time) row {
	if t.failed == nil {
		return t.script.rowAt(at.Sub(t.added))
	}
	r := t.script.rowAt(*t.failed)
	r.Step, r.updated = Step{Status: xiexus.StatusFailed, Progress: 100}, *t.failed
	return r
}

// query returns the state that a realtime read reports. The row keeps a failure that
// the read itself caused until the next realtime read.
func (t *task) query(at time.Time, fault Fault) Step {
	t.failed = nil
	if !fault.UpstreamError {
		return t.stepAt(at)
	}
	elapsed := at.Sub(t.added)
	t.failed = &elapsed
	return t.row(at).Step
}

// rowAt returns the row after a time. A ticker stops polling a task that has ended.
func (s Script) rowAt(elapsed time.Duration) row {
	r := row{Step: s.stateAt(-1)}
	last, found := s.Ticker.previous(elapsed)
	if !found {
		return r
	}
	r.polled, r.updated = true, s.Ticker.next(0)
	for _, step := range s.Steps {
		poll := s.Ticker.next(step.At)
		if poll > last || r.ends() && s.Ticker.Interval > 0 {
			break
		}
		r.update(s.stateAt(poll), poll)
	}
	if s.Ticker.EveryPoll && !r.ends() {
		r.updated = last
	}
	return r
}

// update stores the result of a poll.
func (r *row) update(state Step, poll time.Duration) {
	if state.differs(r.Step) {
		r.updated = poll
	}
	r.Step = state
	switch {
	case state.ends() && r.finished == nil:
		r.finished = &poll
	case state.Status == xiexus.StatusInProgress && r.started == nil:
		r.started = &poll
	}
}
