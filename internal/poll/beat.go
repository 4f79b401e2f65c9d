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
	tolerance = 2500
	// stray is how much later than the beat a visit may be and still move it: one that is
	// even later has had to wait for the visit of another task.
	stray = 1000
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
	const day = 24 * 3600 * 1000
	if b.Phase < to-day || b.Phase > to+day { // nothing is known, or no longer
		b.Phase, b.Even, b.Fit = to, 0, 0
		return b
	}
	passes, off := b.passesTo((from + to) / 2)
	switch {
	case off < -tolerance || off > tolerance:
		b.Fit = max(min(b.Fit, mostFit)-misfit, -mostFit)
		if !b.fits() {
			b.Phase, b.Even = to, 0 // the relay may have restarted, or its clock was set
		}
	case passes > 0: // other visits of the same pass reveal nothing new
		b.Fit = min(max(b.Fit, -mostFit), mostFit-1) + 1
		b.Even = min(max(b.Even, 0), evenPasses) + 1
		if passes%2 != 0 {
			b.Even = 0
		}
		b.Phase += passes * period
		if off < stray {
			b.Phase += step * (late(from, to, b.Phase) - early) / 1000
		}
	}
	return b
}

// late returns how likely, in thousandths, a visit that was within an interval was later
// than a time.
func late(from, to, than int64) int64 {
	return 1000 * min(max(to-than, 0), to-from) / (to - from)
}

// passesTo returns the number of periods from the phase to a visit, and how much later
// than the beat the visit was.
func (b Beat) passesTo(visit int64) (passes, off int64) {
	passes = int64(math.Round(float64(visit-b.Phase) / period))
	return passes, visit - b.Phase - passes*period
}

// isBusy reports whether the latest visits fit no beat, as on a busy channel.
func (b Beat) isBusy() bool { return b.Phase != 0 && !b.fits() }

// fits reports whether the latest visits fit a beat.
func (b Beat) fits() bool { return b.Phase != 0 && b.Fit >= 0 }

// untilPass returns how long after a time of ours the next pass has visited all tasks. It
// reports false if there is no beat.
func (b Beat) untilPass(from time.Time, random float64) (time.Duration, bool) {
	if !b.fits() || !b.hasClock() {
		return 0, false
	}
	every := int64(period)
	if b.Even >= evenPasses {
		every *= 2
	}
	const spread = 100 // of the polls of different clients
	// By the lower bound of the server's clock, so that the poll is not too early.
	due := b.Phase + int64(random*spread)
	delay := (due - from.UnixMilli() - b.Low) % every
	if delay < 0 {
		delay += every
	}
	return time.Duration(delay) * time.Millisecond, true
}
