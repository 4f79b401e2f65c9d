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
// or 45 seconds.
type Ticker struct {
	// Interval is the server poll interval.
	Interval time.Duration
	// First is when the first poll happens, counted from when the task was added.
	First time.Duration
	// Skipped are the polls that do not happen, counted from 0.
	Skipped []int
	// FreezeTimes keeps the task's timestamps as they were when it was added. Relays
	// change updated_at only when something has changed: while an upstream reports the
	// same state for minutes, it lags far behind the polls.
	FreezeTimes bool
}

// previous returns the last poll at or before a time, false if there is none. Times
// are counted from when the task was added.
func (t Ticker) previous(elapsed time.Duration) (time.Duration, bool) {
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
	n := 0
	for t.First+time.Duration(n)*t.Interval < elapsed || slices.Contains(t.Skipped, n) {
		n++
	}
	return t.First + time.Duration(n)*t.Interval
}
