package poll

import "time"

// The relays' ticker, as measured: every 15 s at a phase that stays, skipping
// one or two ticks now and then. A task cannot change in between.
const (
	defaultPeriod = 15 // seconds
	// A period outside these is no ticker's.
	shortestPeriod, longestPeriod = 5, 60
	// freshPeriods is how old the last tick may be, in periods: older than the
	// longest gap measured, it says that the clock stands still.
	freshPeriods = 4
	// sameGaps is how often a multiple of the period must be seen, and nothing
	// else, before it is taken for the period.
	sameGaps = 3

	// afterTick is how long after a tick to ask: the server's times are cut to
	// the second, and the tick takes a moment to do its work.
	afterTick = time.Second + 100*time.Millisecond
	// tickSpread jitters it, for the tasks that share a tick.
	tickSpread = 200 * time.Millisecond
)

// Steps is what a wait knows of the server's ticker. The zero value is nothing.
type Steps struct {
	Tick   int64 `json:"tick,omitzero"`   // the last one seen, in unix seconds of the server's clock
	Period int32 `json:"period,omitzero"` // seconds between ticks, 0 for the default
	Gap    int32 `json:"gap,omitzero"`    // the last gap between two ticks seen, in seconds
	Same   int32 `json:"same,omitzero"`   // how many gaps in a row were that long
}

// learn takes in the moments that an answer tells.
func (s Steps) learn(seen Seen) Steps {
	tick := lastTick(seen)
	switch {
	case tick == 0 || tick == s.Tick:
		return s
	case tick < s.Tick: // a clock that runs backwards
		return Steps{}
	case s.Tick != 0:
		s = s.learnGap(tick - s.Tick)
	}
	s.Tick = tick
	return s
}

// lastTick is the latest moment of the ticker in an answer, 0 if there is none.
// Until the first tick a task's update is its submission.
func lastTick(seen Seen) int64 {
	latest := seen.StartedAt
	if !seen.UpdatedAt.Equal(seen.SubmittedAt) && seen.UpdatedAt.After(latest) {
		latest = seen.UpdatedAt
	}
	if latest.IsZero() {
		return 0
	}
	return latest.Unix()
}

// learnGap corrects the period by the time between two ticks.
func (s Steps) learnGap(seconds int64) Steps {
	if seconds < shortestPeriod {
		return s // two moments of one tick
	}
	gap := int32(min(seconds, longestPeriod+1))
	if near(gap, s.Gap) {
		s.Same++
	} else {
		s.Gap, s.Same = gap, 1
	}
	period := s.period()
	multiple := (gap + period/2) / period
	switch {
	case gap > longestPeriod: // ticks were missed, or not looked for
	case !near(gap, multiple*period), s.Same >= sameGaps:
		s.Period = gap
	}
	return s
}

// near allows for times that are cut to the second.
func near(a, b int32) bool { return a-b <= 1 && b-a <= 1 }

func (s Steps) period() int32 {
	if s.Period < shortestPeriod || s.Period > longestPeriod {
		return defaultPeriod
	}
	return s.Period
}

// untilNext returns how long to wait until shortly after the next tick, by the
// clock that the server had when it answered. It is false where that clock and
// the ticks do not fit together.
func (s Steps) untilNext(date time.Time) (time.Duration, bool) {
	if s.Tick == 0 || date.IsZero() {
		return 0, false
	}
	period := time.Duration(s.period()) * time.Second
	age := date.Sub(time.Unix(s.Tick, 0))
	if age < -time.Second || age > freshPeriods*period {
		return 0, false
	}
	delay := period - age + afterTick
	for delay < Floor {
		delay += period
	}
	return delay, true
}
