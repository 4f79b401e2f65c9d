// Package poll decides when to ask next. It is pure: it knows no HTTP, no clock
// and no goroutine.
package poll

import (
	"math"
	"time"
)

// The default schedule. The longest delay is the period of the relays' own
// ticker: asking in between cannot see a change.
const (
	DefaultFirst = 2 * time.Second
	DefaultMax   = 15 * time.Second

	// Floor is the shortest time between two questions, whatever anyone asks for.
	Floor = time.Second
	// LongestHint bounds what a server can make a wait wait.
	LongestHint = 2 * time.Minute
	// LongestAfterErrors is what delays grow to while questions fail.
	LongestAfterErrors = time.Minute

	growth = 1.5
	jitter = 0.1
)

// Schedule says when to ask next. The zero value keeps in step with the server
// where its answers allow that, and has delays of 2 s that grow by half to 15 s
// where they do not. A Schedule with a First or a Max goes by these alone.
type Schedule struct {
	// First is the delay after the first question; by default 2 s.
	First time.Duration
	// Max is the longest delay; by default 15 s, or First if that is longer.
	Max time.Duration
}

// Seen is what a question brought.
type Seen struct {
	// Failed reports that it brought no task.
	Failed bool
	// RetryAfter is how long the answer asked to wait, 0 if it did not.
	RetryAfter time.Duration
	// Live reports that the relay asked its own upstream in order to answer.
	Live bool
	// Date is the server's clock when it answered, zero if it did not say. It is
	// the only clock that the times below are compared with.
	Date time.Time
	// SubmittedAt, StartedAt and UpdatedAt are the task's times.
	SubmittedAt, StartedAt, UpdatedAt time.Time
}

// State is how far the pacing of one wait has come. The zero value is a wait
// that has asked nothing. It can be stored as JSON.
type State struct {
	Asked    int32 `json:"asked,omitzero"`    // questions so far
	Failures int32 `json:"failures,omitzero"` // of them the last ones in a row that failed
	Live     int32 `json:"live,omitzero"`     // of them those answered live
	Steps    Steps `json:"steps,omitzero"`    // what is known of the server's ticker
}

// After returns the state after one more question, and how long to wait before
// the next. random is a number from 0 up to 1.
//
// A RetryAfter comes first, between Floor and LongestHint. While questions fail,
// delays double up to LongestAfterErrors.
func (s Schedule) After(state State, seen Seen, random float64) (State, time.Duration) {
	state.Asked = oneMore(state.Asked)
	if seen.Failed {
		state.Failures = oneMore(state.Failures)
	} else {
		state.Failures = 0
		state.Steps = state.Steps.learn(seen)
	}
	if seen.Live {
		state.Live = oneMore(state.Live)
	}
	if seen.RetryAfter > 0 {
		return state, min(max(seen.RetryAfter, Floor), LongestHint)
	}
	return state, s.delay(state, seen, random)
}

// oneMore counts on, whatever a stored state says.
func oneMore(n int32) int32 { return min(max(n, 0), math.MaxInt32-1) + 1 }

// delay is our own choice, without a hint of the server's.
func (s Schedule) delay(state State, seen Seen, random float64) time.Duration {
	byDefault := s == Schedule{}
	plain := s.grown(state.Asked)
	switch {
	case seen.Failed:
		return spread(max(plain, doubled(state.Failures)), random)
	case byDefault && seen.Live:
		return spread(live(state.Live), random)
	case byDefault:
		if delay, ok := state.Steps.untilNext(seen.Date); ok {
			return delay + time.Duration(random*float64(tickSpread))
		}
	}
	return spread(plain, random)
}

// grown is the plain schedule's delay after a number of questions, at least one.
func (s Schedule) grown(asked int32) time.Duration {
	first, longest := s.First, s.Max
	if first <= 0 {
		first = DefaultFirst
	}
	first = max(first, Floor)
	if longest <= 0 {
		longest = max(DefaultMax, first)
	}
	delay := float64(first)
	for i := int32(1); i < asked && delay < float64(longest); i++ {
		delay *= growth
	}
	return clamp(min(delay, float64(longest)))
}

// doubled is the delay after a number of failures in a row.
func doubled(failures int32) time.Duration {
	return min(DefaultFirst<<min(failures-1, 10), LongestAfterErrors)
}

// The delays between live answers: after the first question as ever, then from
// the longest down to the shortest. Each one makes the relay ask its upstream,
// which may refuse and so fail the task for good; and no video is made at once.
// The nearer its end may be, the more a question is worth.
const (
	liveLongest  = 15 * time.Second
	liveShortest = 5 * time.Second
	liveShrink   = 0.8
)

func live(answers int32) time.Duration {
	if answers <= 1 {
		return DefaultFirst
	}
	delay := float64(liveLongest) * math.Pow(liveShrink, float64(answers-2))
	return max(time.Duration(delay), liveShortest)
}

// spread jitters a delay, so that many clients do not ask at one moment.
func spread(delay time.Duration, random float64) time.Duration {
	return max(clamp(float64(delay)*(1-jitter+2*jitter*random)), Floor)
}

// clamp keeps a delay that no Duration holds from turning into a short one.
func clamp(delay float64) time.Duration {
	if delay >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(delay)
}
