package xiexustest

import (
	"slices"
	"time"
)

// Ticker is when a server polls the upstream of a stored task. The zero value is
// no ticker: the task is always up to date.
//
// It stands for how New API refreshes its database: it works through all unfinished
// tasks every 15 seconds (30 in some releases), and skips a turn while the previous
// one is still running, which leaves gaps of 30 or 45 seconds.
type Ticker struct {
	// Interval is the time between two ticks.
	Interval time.Duration
	// First is when the first tick is, counted from when the task was added.
	First time.Duration
	// Skipped are the ticks that do not happen, counted from 0.
	Skipped []int
	// FreezeTimes leaves the times of the task as they were when it was added.
	// Servers move updated_at only when something has changed: while an upstream
	// reports the same state for minutes, it falls far behind the ticks.
	FreezeTimes bool
}

// previous returns the last tick at or before a time, false if there is none. Times
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

// next returns the first tick at or after a time, or the time itself if there is no
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
