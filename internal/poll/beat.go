package poll

import (
	"math"
	"time"
)

// Times below are in milliseconds since the Unix epoch, by the clock of the server.
const (
	period = 15_000 // between two passes, in most releases
	// evenPasses is how many consecutive visits an even number of periods apart show that
	// a relay starts a pass only every second period.
	evenPasses = 8

	// tolerance is how far a visit that fits may be from the beat: a pass reaches a task
	// after the latency of its upstream, and a second later for each task before it.
	tolerance = 3000
	// old is how long ago a visit may be that still reveals something about the beat.
	old = 600_000
	// day is after what time nothing is known of the beat any more.
	day = 24 * 3600 * 1000
	// step is how far one visit moves the beat at most, and early how many of a thousand
	// visits may come after it: those are seen a period too late, while waiting for them
	// would make every poll later.
	step  = 250
	early = 25

	// mostFit is up to how many visits that fit are remembered, and misfit how many of them
	// one that does not fit outweighs.
	mostFit = 3
	misfit  = 2
)

// Beat is what a client knows about the passes in which a relay polls its upstreams, and
// about the relay's clock. The passes start on a grid, but some are skipped, and on a busy
// channel each takes so long that its visits fit no grid. The zero value is nothing.
//
// All tasks of a client on one relay share a Beat.
type Beat struct {
	// Phase is by when the latest pass had visited a task; zero if none is known.
	Phase int64 `json:"phase,omitzero"`
	// Even counts the consecutive visits that were an even number of periods apart.
	Even int32 `json:"even,omitzero"`
	// Fit is how well the latest visits fit: negative if they do not.
	Fit int32 `json:"fit,omitzero"`
	// Low and High bound how far the server's clock is ahead of ours. Both are zero if
	// nothing is known.
	Low  int64 `json:"low,omitzero"`
	High int64 `json:"high,omitzero"`
}

// observeClock narrows the bounds of the server's clock: when the response was under way,
// the clock showed a time within the second that Date is truncated to. A response that
// contradicts earlier ones replaces them, because one of the two clocks was set.
func (b Beat) observeClock(seen Observation) Beat {
	if seen.Date.IsZero() || seen.SentAt.IsZero() || seen.ReceivedAt.Before(seen.SentAt) {
		return b
	}
	date := seen.Date.UnixMilli()
	low, high := date-seen.ReceivedAt.UnixMilli(), date+1000-seen.SentAt.UnixMilli()
	if b.hasClock() {
		if both := max(low, b.Low); both <= min(high, b.High) {
			low, high = both, min(high, b.High)
		}
	}
	b.Low, b.High = low, high
	return b
}

func (b Beat) hasClock() bool { return b.Low != 0 || b.High != 0 }

// serverTime returns the time that the server's clock shows at a time of ours, at least.
func (b Beat) serverTime(ours time.Time) time.Time {
	return ours.Add(time.Duration(b.Low) * time.Millisecond)
}

// observeVisit moves the phase by a visit that the server stamped with a second, and that a
// response shows which it sent before latest.
func (b Beat) observeVisit(second, latest int64) Beat {
	from, to := second*1000, min(second*1000+1000, max(latest, second*1000+1))
	if to < latest-old || from > latest {
		return b // the relay may have restarted since; none is in the future
	}
	if b.Phase < to-day || b.Phase > to+day { // nothing is known, or no longer
		b.Phase, b.Even, b.Fit = to, 0, 0
		return b
	}
	passes := int64(math.Round(float64(to-b.Phase) / period))
	expected := b.Phase + passes*period
	switch {
	case from < expected-tolerance || to > expected+tolerance:
		b.Fit = max(min(b.Fit, mostFit)-misfit, -mostFit)
		if b.isBusy() {
			b.Phase, b.Even = to, 0 // the relay may have restarted, or its clock was set
		}
	case passes > 0: // other visits of the same pass reveal nothing new
		b.Fit = min(max(b.Fit, -mostFit), mostFit-1) + 1
		b.Even++
		if passes%2 != 0 {
			b.Even = 0
		}
		late := 1000 * min(max(to-expected, 0), to-from) / (to - from) // how likely, in thousandths
		b.Phase = expected + step*(late-early)/1000
	}
	return b
}

// isBusy reports whether the latest visits fit no beat, as on a busy channel.
func (b Beat) isBusy() bool { return b.Phase != 0 && b.Fit < 0 }

// untilPass returns how long after a time of ours the next pass has visited all tasks. It
// reports false if there is no beat.
func (b Beat) untilPass(from time.Time) (time.Duration, bool) {
	if b.Phase == 0 || b.isBusy() || !b.hasClock() {
		return 0, false
	}
	every := int64(period)
	if b.Even >= evenPasses {
		every *= 2
	}
	// By the lower bound of the server's clock, so that the poll is not too early.
	delay := (b.Phase - from.UnixMilli() - b.Low) % every
	if delay < 0 {
		delay += every
	}
	return time.Duration(delay) * time.Millisecond, true
}
