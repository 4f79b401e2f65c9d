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
	// DefaultMax is the longest delay: the server poll interval, within which a
	// stored task cannot change twice.
	DefaultMax = 15 * time.Second
	// Floor is the shortest delay between two polls.
	Floor = time.Second
	// LongestRetryAfter bounds how long a Retry-After can delay a poll.
	LongestRetryAfter = 2 * time.Minute

	longestAfterErrors = time.Minute
	growth             = 1.5
	jitter             = 0.1
)

// Schedule is a backoff schedule. The zero value follows the server's [Ticker]
// where responses reveal it, and otherwise grows by 50% from [DefaultFirst] to
// [DefaultMax]. A Schedule with First or Max set never follows the ticker.
type Schedule struct {
	// First is the delay after the first poll, at least [Floor]. By default [DefaultFirst].
	First time.Duration
	// Max is the longest delay. By default [DefaultMax], or First if that is longer.
	Max time.Duration
}

// Observation is what one poll revealed.
type Observation struct {
	// Failed reports that the poll returned no task.
	Failed bool
	// RetryAfter is the delay that the response requested, or zero.
	RetryAfter time.Duration
	// Live reports that the relay queried its upstream to respond.
	Live bool
	// Date is the server's clock, or zero. The timestamps below are
	// compared with no other clock.
	Date time.Time
	// SubmittedAt, StartedAt and UpdatedAt are the task's timestamps, or zero.
	SubmittedAt, StartedAt, UpdatedAt time.Time
}

// State is what a schedule remembers between polls. The zero value is a wait that
// has not polled yet. The JSON form is stored in cursors.
type State struct {
	Polls    int32  `json:"asked,omitzero"`    // so far
	Failures int32  `json:"failures,omitzero"` // consecutive, up to the last poll
	Live     int32  `json:"live,omitzero"`     // polls with a live response
	Ticker   Ticker `json:"steps,omitzero"`
}

// Next returns the state after an observation and the delay before the next poll.
// random is in [0, 1) and adds jitter. A RetryAfter takes precedence, bounded by [Floor]
// and [LongestRetryAfter].
func (s Schedule) Next(state State, seen Observation, random float64) (State, time.Duration) {
	state.Polls = increment(state.Polls)
	if seen.Failed {
		state.Failures = increment(state.Failures)
	} else {
		state.Failures = 0
		state.Ticker = state.Ticker.observe(seen)
	}
	if seen.Live {
		state.Live = increment(state.Live)
	}
	if seen.RetryAfter > 0 {
		return state, min(max(seen.RetryAfter, Floor), LongestRetryAfter)
	}
	return state, s.delay(state, seen, random)
}

// increment also repairs a counter of a stored state that was tampered with.
func increment(n int32) int32 { return min(max(n, 0), math.MaxInt32-1) + 1 }

func (s Schedule) delay(state State, seen Observation, random float64) time.Duration {
	backoff := s.backoff(state.Polls)
	switch followTicker := s == (Schedule{}); {
	case seen.Failed:
		return withJitter(max(backoff, afterFailures(state.Failures)), random)
	case followTicker && seen.Live:
		return withJitter(liveDelay(state.Live), random)
	case followTicker:
		if delay, ok := state.Ticker.untilNext(seen.Date); ok {
			return delay + time.Duration(random*float64(tickJitter))
		}
	}
	return withJitter(backoff, random)
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

// Live responses cost the relay an upstream request, which can even fail the task.
// So delays start long, and get shorter as the end of the task becomes more likely.
const (
	liveLongest  = 15 * time.Second
	liveShortest = 5 * time.Second
	liveShrink   = 0.8
)

func liveDelay(responses int32) time.Duration {
	if responses <= 1 {
		return DefaultFirst
	}
	delay := float64(liveLongest) * math.Pow(liveShrink, float64(responses-2))
	return max(time.Duration(delay), liveShortest)
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
