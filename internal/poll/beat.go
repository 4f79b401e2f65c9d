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
	// after the upstream's latency, and a second later for each task before it.
	tolerance = 2750
	// mostLate is how much later a visit may be and still move the beat.
	mostLate = 1500
	// margin is how long after the latest visit to poll: stamps are truncated to the
	// second, and latencies vary.
	margin = 650

	mostFit = 16 // visits that fit in a row are counted up to this
	misfit  = 2  // what a visit that does not fit costs
)

// Beat is what a client knows about the passes in which a relay polls its upstreams, and
// about the relay's clock. The passes start on a grid, but some are skipped, and on a busy
// channel each takes so long that its visits fit no grid. The zero value is nothing.
//
// All tasks of a client on one relay share a Beat.
type Beat struct {
	// Phase is when one of the latest visits was, at most; zero if none is known.
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

// observeVisit moves the phase to a visit that fits: at once if the visit was later,
// slowly if it was earlier, because a poll before a visit has to be repeated a period
// later, and one after it is only late.
func (b Beat) observeVisit(second int64) Beat {
	visit := second*1000 + 500 // it was truncated
	if b.Phase == 0 {
		b.Phase = visit
		return b
	}
	passes, off := b.passesTo(visit)
	switch {
	case off < -tolerance || off > tolerance:
		b.Fit = max(min(b.Fit, mostFit)-misfit, -mostFit)
		if b.Fit < 0 {
			b.Phase, b.Even = visit, 0 // the relay may have restarted, or its clock was set
		}
	case passes >= 0: // an earlier visit reveals nothing new
		b.Fit = min(max(b.Fit, -mostFit), mostFit-1) + 1
		b.Even = b.evenAfter(passes)
		b.Phase += passes*period + follow(off)
	}
	return b
}

// evenAfter returns the count of visits an even number of periods apart after another one.
func (b Beat) evenAfter(passes int64) int32 {
	switch {
	case passes == 0:
		return b.Even
	case passes%2 != 0:
		return 0
	}
	return min(max(b.Even, 0), evenPasses) + 1
}

// follow returns how far the phase moves for a visit that was later than the beat.
func follow(off int64) int64 {
	switch {
	case off > mostLate:
		return 0
	case off < 0:
		return off / 32
	}
	return off
}

// passesTo returns the number of periods from the phase to a visit, and how much later
// than the beat the visit was.
func (b Beat) passesTo(visit int64) (passes, off int64) {
	passes = int64(math.Round(float64(visit-b.Phase) / period))
	return passes, visit - b.Phase - passes*period
}

// hasGrid reports whether the visits fit a grid.
func (b Beat) hasGrid() bool { return b.Phase != 0 && b.Fit >= -misfit && b.hasClock() }

// untilPass returns how long after a time of ours the next pass has visited all tasks. It
// reports false if there is no grid.
func (b Beat) untilPass(from time.Time, random float64) (time.Duration, bool) {
	if !b.hasGrid() {
		return 0, false
	}
	every := int64(period)
	if b.Even >= evenPasses {
		every *= 2
	}
	const spread = 200
	// By the lower bound of the server's clock, so that the poll is not too early.
	due := b.Phase + margin + int64(random*spread)
	delay := (due - from.UnixMilli() - b.Low) % every
	if delay < 0 {
		delay += every
	}
	return time.Duration(delay) * time.Millisecond, true
}
