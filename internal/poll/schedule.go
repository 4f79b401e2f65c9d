// Package poll decides when to poll next. It is pure: no HTTP, no clock, no
// goroutines.
package poll

import (
	"cmp"
	"math"
	"time"
)

const (
	// DefaultFirst is the delay after the first poll.
	DefaultFirst = 2 * time.Second
	// DefaultMax is the longest delay: the period of a relay's passes, within which a
	// stored task cannot change twice.
	DefaultMax = 15 * time.Second
	// Floor is the shortest delay between two polls.
	Floor = time.Second
	// Together is the granularity of polls that follow a beat: those that are due within it
	// share a request.
	Together = 250 * time.Millisecond
	// LongestRetryAfter bounds how long a Retry-After can delay a poll, and so every delay.
	LongestRetryAfter = 2 * time.Minute

	longestAfterErrors = time.Minute
	growth             = 1.5
	jitter             = 0.1
)

// Schedule decides when to poll. The zero value follows the [Beat] of the relay where
// responses reveal one, and otherwise grows by 50% from [DefaultFirst] to [DefaultMax]. A
// Schedule with First or Max set only grows.
type Schedule struct {
	// First is the delay after the first poll, at least [Floor]. By default [DefaultFirst].
	First time.Duration
	// Max is the longest delay. By default [DefaultMax], or First if that is longer.
	Max time.Duration
}

// Observation is what a response reveals about when to poll next.
type Observation struct {
	// Created reports that this is the response to the request that created the task. It
	// takes the place of a first poll.
	Created bool
	// Failed reports that there is no task in the response.
	Failed bool
	// Live reports that the relay queried its upstream to respond.
	Live bool
	// Doubtful reports a failure that may not be final.
	Doubtful bool
	// Batch is how many tasks the request read through the batch route, which queries no
	// upstream, or zero for the documented one.
	Batch int
	// RetryAfter is the delay that the response requested, or zero.
	RetryAfter time.Duration
	// SentAt and ReceivedAt are when the request was sent and its response received, by the
	// clock of this machine.
	SentAt, ReceivedAt time.Time
	// Date is the clock of the server, truncated to the second, or zero.
	Date time.Time
	// SubmittedAt, StartedAt and UpdatedAt are the task's timestamps by the clock of the
	// server, or zero.
	SubmittedAt, StartedAt, UpdatedAt time.Time
}

// State is what a schedule remembers of one task between polls. The zero value is a wait
// that has not polled yet. Cursors store its JSON form.
type State struct {
	Polls    int32 `json:"asked,omitzero"`    // so far
	Failures int32 `json:"failures,omitzero"` // consecutive, up to the last poll
	Doubts   int32 `json:"doubts,omitzero"`   // consecutive doubtful failures
	Realtime bool  `json:"realtime,omitzero"` // the relay queries its upstream when the task is read on its own
	Visited  int64 `json:"visited,omitzero"`  // when the server last changed the task, in Unix seconds of its clock
	Beat     Beat  `json:"beat,omitzero"`
}

// Next returns the state after an observation, and the delay from its ReceivedAt to the next
// poll. random is in [0, 1); it keeps clients apart that follow the same relay. A RetryAfter
// takes precedence, bounded by [Floor] and [LongestRetryAfter].
func (s Schedule) Next(state State, seen Observation, random float64) (State, time.Duration) {
	state = state.observe(seen)
	if seen.RetryAfter > 0 {
		return state, min(max(seen.RetryAfter, Floor), LongestRetryAfter)
	}
	return state, s.delay(state, seen, random)
}

func (state State) observe(seen Observation) State {
	state.Beat = state.Beat.observeClock(seen)
	if !seen.Created {
		state.Polls = increment(state.Polls)
	}
	if seen.Failed {
		state.Failures = increment(state.Failures)
		return state
	}
	state.Failures = 0
	state.Realtime = state.Realtime || seen.Live // relays report one as stored while its upstream fails
	if visited := lastVisit(seen); visited > 0 && visited != state.Visited {
		state.Visited = visited
		state.Beat = state.Beat.observeVisit(visited, seen.ReceivedAt.UnixMilli()+state.Beat.High)
	}
	if !seen.Doubtful {
		state.Doubts = 0
	} else {
		state.Doubts = increment(state.Doubts)
	}
	return state
}

// increment also repairs a counter of a stored state that was tampered with.
func increment(n int32) int32 { return min(max(n, 0), math.MaxInt32-1) + 1 }

func (s Schedule) delay(state State, seen Observation, random float64) time.Duration {
	switch followBeat := s == (Schedule{}); {
	case seen.Failed:
		return withJitter(max(s.backoff(state.Polls), afterFailures(state.Failures)), random)
	case seen.Doubtful:
		return afterDoubt
	case followBeat && seen.Live:
		return withJitter(liveDelay, random)
	case followBeat && (seen.Created || seen.isStored()):
		return state.untilDue(seen, random)
	}
	return withJitter(s.backoff(state.Polls), random)
}

// backoff is the delay after a number of polls, before jitter.
func (s Schedule) backoff(polls int32) time.Duration {
	first := cmp.Or(s.First, DefaultFirst)
	longest := cmp.Or(s.Max, max(DefaultMax, first))
	delay := float64(first)
	for i := int32(1); i < polls && delay < float64(longest); i++ {
		delay *= growth
	}
	return toDuration(min(delay, float64(longest)))
}

func afterFailures(failures int32) time.Duration {
	return min(DefaultFirst<<min(failures-1, 10), longestAfterErrors)
}

// withJitter keeps many clients from polling at the same moment.
func withJitter(delay time.Duration, random float64) time.Duration {
	return max(toDuration(float64(delay)*(1-jitter+2*jitter*random)), Floor)
}

// toDuration saturates instead of overflowing.
func toDuration(nanoseconds float64) time.Duration {
	if nanoseconds >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(nanoseconds)
}
