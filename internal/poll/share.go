package poll

import (
	"cmp"
	"time"
)

// Shared returns what also holds on another machine: not the difference of the clocks. It
// bounds the counters, which may have been tampered with.
func (b Beat) Shared() Beat {
	if b.Phase <= 0 {
		return Beat{}
	}
	return Beat{Phase: b.Phase, Even: min(max(b.Even, 0), evenPasses), Fit: min(max(b.Fit, -mostFit), mostFit)}
}

// Replace returns what is shared of another beat, with the clock of this one.
func (b Beat) Replace(other Beat) Beat {
	other = other.Shared()
	other.Low, other.High = b.Low, b.High
	return other
}

// Compare compares a beat with another one of the same relay: it is negative if the other is of
// a later pass, or fits the same pass better. A beat that cannot have been observed in the last
// day counts as zero.
func (b Beat) Compare(other Beat, now time.Time) int {
	mine, theirs := b.credible(b, now), b.credible(other, now)
	if later := mine.Phase - theirs.Phase; later <= -period/2 || later >= period/2 {
		return cmp.Compare(later, 0)
	}
	return cmp.Or(cmp.Compare(mine.Fit, theirs.Fit), cmp.Compare(mine.Even, theirs.Even), cmp.Compare(mine.Phase, theirs.Phase))
}

// credible returns what is shared of another beat, if its latest pass was in the last day, by
// the clock of the server, or, if that is unknown, by ours, which may be a day off.
func (b Beat) credible(other Beat, now time.Time) Beat {
	server, margin := now.UnixMilli()+b.High, int64(tolerance)
	if !b.hasClock() {
		margin = day
	}
	if other.Phase < server-day-margin || other.Phase > server+margin {
		return Beat{}
	}
	return other.Shared()
}
