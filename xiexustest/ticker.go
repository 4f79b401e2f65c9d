package xiexustest

import (
	"slices"
	"time"
)

// Ticker describes when the server polls the upstream of a stored task. The zero
// value means no ticker: the task is always up to date.
//
// It models how New API refreshes its database: every 15 seconds (30 in some
// releases) it polls the upstreams of all unfinished tasks one by one. It skips a
// turn while the previous one is still running, which leaves gaps of, for example, 30
// or 45 seconds. A task that has ended is not polled again.
//
// The timestamps of a task are times of polls. The first poll moves updated_at, because
// it stores the upstream's first response. After that, only a poll that finds a change
// does: while an upstream reports the same state for minutes, updated_at lags far behind
// the polls. Before the first poll it is when the task was added.
type Ticker struct {
	// Interval is the server poll interval.
	Interval time.Duration
	// First is when the first poll happens, counted from when the task was added.
	First time.Duration
	// Skipped are the polls that do not happen, counted from 0.
	Skipped []int
	// EveryPoll makes every poll move updated_at until the task ends, as it happens with
	// upstreams whose raw responses are never the same twice.
	EveryPoll bool
}

// previous returns the last poll at or before a time, false if there is none, or the
// time itself if there is no ticker. Times are counted from when the task was added.
func (t Ticker) previous(elapsed time.Duration) (time.Duration, bool) {
	if t.Interval <= 0 {
		return elapsed, true
	}
	if elapsed < t.First {
		return 0, false
	}
	for n := int((elapsed - t.First) / t.Interval); n >= 0; n-- {
		if !slices.Contains(t.Skipped, n) {
			return t.First + time.Duration(n)*t.Interval, true
		}
	}
	return 0, false
}

// next returns the first poll at or after a time, or the time itself if there is no
// ticker.
func (t Ticker) next(elapsed time.Duration) time.Duration {
	if t.Interval <= 0 {
		return elapsed
	}
	n := int((max(elapsed-t.First, 0) + t.Interval - 1) / t.Interval)
	for slices.Contains(t.Skipped, n) {
		n++
	}
	return t.First + time.Duration(n)*t.Interval
}
