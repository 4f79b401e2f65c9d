package poll

import "time"

// Relays update stored tasks on a ticker: measured, every 15 s at a fixed phase,
// sometimes skipping a tick or two. Between ticks a task cannot change.
const (
	defaultPeriod                 = 15 // seconds
	shortestPeriod, longestPeriod = 5, 60

	// stalePeriods is how old the last tick may be, in periods. An older one, older
	// than the longest gap measured, says nothing about the next.
	stalePeriods = 4
	// confirmations is how many consecutive equal gaps make a multiple of the period
	// the period.
	confirmations = 3

	// afterTick is how long after a tick to poll: the server's times are truncated to
	// the second, and a tick takes a moment to do its work.
	afterTick = time.Second + 100*time.Millisecond
	// tickJitter separates the polls of tasks that share a tick.
	tickJitter = 200 * time.Millisecond
)

// Ticker is what is known about the server's ticker. The zero value is nothing.
type Ticker struct {
	Last   int64 `json:"tick,omitzero"`   // the last tick seen, in unix seconds of the server's clock
	Period int32 `json:"period,omitzero"` // seconds between ticks, 0 for the default
	Gap    int32 `json:"gap,omitzero"`    // the last gap between two ticks seen, in seconds
	Same   int32 `json:"same,omitzero"`   // how many consecutive gaps had that length
}

func (t Ticker) observe(seen Observation) Ticker {
	tick := lastTick(seen)
	switch {
	case tick == 0 || tick == t.Last:
		return t
	case tick < t.Last: // the server's clock was set back
		return Ticker{}
	case t.Last != 0:
		t = t.observeGap(tick - t.Last)
	}
	t.Last = tick
	return t
}

// lastTick returns the latest tick that a response reveals, or 0. Until the first
// tick a task's update time is its submit time.
func lastTick(seen Observation) int64 {
	latest := seen.StartedAt
	if !seen.UpdatedAt.Equal(seen.SubmittedAt) && seen.UpdatedAt.After(latest) {
		latest = seen.UpdatedAt
	}
	if latest.IsZero() {
		return 0
	}
	return latest.Unix()
}

func (t Ticker) observeGap(seconds int64) Ticker {
	if seconds < shortestPeriod {
		return t // two times of the same tick
	}
	gap := int32(min(seconds, longestPeriod+1))
	if near(gap, t.Gap) {
		t.Same++
	} else {
		t.Gap, t.Same = gap, 1
	}
	period := t.period()
	multiple := (gap + period/2) / period
	switch {
	case gap > longestPeriod: // ticks were skipped, or not observed
	case !near(gap, multiple*period), t.Same >= confirmations:
		t.Period = gap
	}
	return t
}

// near allows for times that are truncated to the second.
func near(a, b int32) bool { return a-b <= 1 && b-a <= 1 }

func (t Ticker) period() int32 {
	if t.Period < shortestPeriod || t.Period > longestPeriod {
		return defaultPeriod
	}
	return t.Period
}

// untilNext returns how long after date, the server's clock, to poll for the next
// tick. It reports false if date and the ticks do not match.
func (t Ticker) untilNext(date time.Time) (time.Duration, bool) {
	if t.Last == 0 || date.IsZero() {
		return 0, false
	}
	period := time.Duration(t.period()) * time.Second
	age := date.Sub(time.Unix(t.Last, 0))
	if age < -time.Second || age > stalePeriods*period {
		return 0, false
	}
	delay := period - age + afterTick
	for delay < Floor {
		delay += period
	}
	return delay, true
}
