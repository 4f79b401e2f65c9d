// Package poll decides when to ask next. It is pure: it knows no HTTP, no clock
// and no goroutine.
package poll

import (
	"math"
	"time"
)

// The default schedule. The largest interval is the period of the relays' own
// ticker: asking in between cannot see a change.
const (
	DefaultFirst = 2 * time.Second
	DefaultMax   = 15 * time.Second

	// Floor is the shortest time between two questions, whatever anyone asks for.
	Floor = time.Second
	// LongestHint bounds what a server can make a wait wait.
	LongestHint = 2 * time.Minute

	growth = 1.5
	jitter = 0.1
)

// Schedule says when to ask next: after First, then after half as much again
// each time, up to Max, each with up to 10 % of jitter. The zero value is the
// default schedule.
type Schedule struct {
	// First is the delay after the first question; by default 2 s.
	First time.Duration
	// Max is the longest delay; by default 15 s.
	Max time.Duration
}

// Next returns how long to wait after the given number of questions, at least
// one. hint is what the last answer asked for, 0 if nothing: it wins, between
// Floor and LongestHint. random is a number from 0 up to 1.
func (s Schedule) Next(asked int, hint time.Duration, random float64) time.Duration {
	if hint > 0 {
		return min(max(hint, Floor), LongestHint)
	}
	first, longest := s.First, s.Max
	if first <= 0 {
		first = DefaultFirst
	}
	first = max(first, Floor)
	if longest <= 0 {
		longest = max(DefaultMax, first)
	}
	delay := float64(first)
	for i := 1; i < asked && delay < float64(longest); i++ {
		delay *= growth
	}
	delay = min(delay, float64(longest)) * (1 - jitter + 2*jitter*random)
	if delay >= math.MaxInt64 {
		return math.MaxInt64
	}
	return max(time.Duration(delay), Floor)
}
