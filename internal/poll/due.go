package poll

import "time"

const (
	// youngest is the age at which a task is worth a first poll. Before a pass has reached
	// it, which takes up to 15 s, it cannot have changed, and few videos take less than a
	// pass and a half.
	youngest = 22500 * time.Millisecond
	// round is the granularity of polls of a relay whose visits fit no beat. Tasks share
	// its multiples, so that one request reads them together.
	round = 5500 * time.Millisecond
	// few is how many tasks a request must read to be worth one every round.
	few = 20

	// liveDelay is long, because each read of a realtime task costs the relay an upstream
	// request, whose rejection would fail the task.
	liveDelay = 15 * time.Second
	// afterDoubt is how long after a doubtful failure to read it again. Measured: 20 s after
	// an upstream had rejected a request, the relay reported the task as succeeded.
	afterDoubt = 20 * time.Second
)

// untilDue returns the delay to the next poll of a stored task: until the first pass that
// can have changed it, or, without a known beat, to a multiple of round.
func (state State) untilDue(seen Observation, random float64) time.Duration {
	earliest := max(Floor, state.untilYoungest(seen))
	if delay, ok := state.Beat.untilPass(seen.ReceivedAt.Add(earliest)); ok {
		return extend(earliest+delay, Together, seen.ReceivedAt, random)
	}
	if seen.Batch < few {
		earliest = max(earliest, round+time.Nanosecond) // more than one, even exactly on a multiple
	}
	return extend(earliest, round, seen.ReceivedAt, random)
}

// extend extends a delay from a time to the next multiple of a unit. random moves the
// multiples, which keeps clients apart.
func extend(delay, unit time.Duration, from time.Time, random float64) time.Duration {
	due := from.Add(delay - time.Duration(random*float64(unit)))
	return delay + due.Add(unit-1).Truncate(unit).Sub(due)
}

// untilYoungest returns how long it takes until the task is old enough for a poll. Where
// there is no beat, passes take so long that one that has not been visited by then is
// hardly worth another poll before it is twice as old.
func (state State) untilYoungest(seen Observation) time.Duration {
	switch {
	case seen.Created:
		return youngest
	case seen.SubmittedAt.IsZero() || state.Visited != 0 || !state.Beat.hasClock():
		return 0
	}
	limit := youngest
	if state.Beat.isBusy() {
		limit *= 2
	}
	age := max(state.Beat.serverTime(seen.ReceivedAt).Sub(seen.SubmittedAt), 0)
	return max(limit-age, 0)
}

// isStored reports whether the response has the timestamps of a stored task.
func (seen Observation) isStored() bool {
	return !seen.SubmittedAt.IsZero() || !seen.UpdatedAt.IsZero()
}

// lastVisit returns the latest visit that a response reveals, in Unix seconds, or 0. Until
// the first one, the update time of a task is its submit time, or a second later.
func lastVisit(seen Observation) int64 {
	latest := seen.StartedAt
	if seen.UpdatedAt.After(seen.SubmittedAt.Add(time.Second)) && seen.UpdatedAt.After(latest) {
		latest = seen.UpdatedAt
	}
	if latest.IsZero() {
		return 0
	}
	return max(latest.Unix(), 0)
}
