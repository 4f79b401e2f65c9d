package poll_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/poll"
)

// middle is the random number that adds no jitter.
const middle = 0.5

// next returns the delay after a number of polls that revealed nothing but a Retry-After.
func next(schedule poll.Schedule, polls int, retryAfter time.Duration, random float64) time.Duration {
	_, delay := schedule.Next(poll.State{Polls: int32(min(polls-1, math.MaxInt32-1))}, poll.Observation{RetryAfter: retryAfter}, random)
	return delay
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func TestSchedule_Grows(t *testing.T) {
	tests := []struct {
		name     string
		schedule poll.Schedule
		want     []float64 // seconds, after the first poll, the second …
	}{
		{"by default", poll.Schedule{}, []float64{2, 3, 4.5, 6.75, 10.125, 15, 15, 15}},
		{"the default, spelled out", poll.Schedule{First: poll.DefaultFirst, Max: poll.DefaultMax}, []float64{2, 3, 4.5, 6.75, 10.125, 15, 15}},
		{"own first", poll.Schedule{First: 4 * time.Second}, []float64{4, 6, 9, 13.5, 15, 15}},
		{"own longest", poll.Schedule{Max: 4 * time.Second}, []float64{2, 3, 4, 4}},
		{"both", poll.Schedule{First: 10 * time.Second, Max: time.Minute}, []float64{10, 15, 22.5, 33.75, 50.625, 60, 60}},
		{"constant", poll.Schedule{First: 5 * time.Second, Max: 5 * time.Second}, []float64{5, 5, 5}},
		{"first longer than the default longest", poll.Schedule{First: 40 * time.Second}, []float64{40, 40, 40}},
		{"longest shorter than first", poll.Schedule{First: 10 * time.Second, Max: 3 * time.Second}, []float64{3, 3, 3}},
		{"longest shorter than the default first", poll.Schedule{Max: 1500 * time.Millisecond}, []float64{1.5, 1.5}},
		{"longest below the floor", poll.Schedule{Max: time.Millisecond}, []float64{1, 1, 1}},
		{"all below the floor", poll.Schedule{First: 1, Max: 1}, []float64{1, 1, 1}},
		{"the floor", poll.Schedule{First: poll.Floor, Max: poll.Floor}, []float64{1, 1}},
		{"first at the floor", poll.Schedule{First: poll.Floor}, []float64{1, 1.5, 2.25, 3.375}},
		{"days", poll.Schedule{First: 24 * time.Hour, Max: 240 * time.Hour}, []float64{86400, 129600, 194400}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i, want := range tt.want {
				require.Equal(t, seconds(want), next(tt.schedule, i+1, 0, middle), "after %d polls", i+1)
			}
		})
	}
}

func TestSchedule_AddsJitter(t *testing.T) {
	tests := []struct {
		name      string
		schedule  poll.Schedule
		polls     int
		low, high float64 // for random numbers 0 and 0.999
	}{
		{"first", poll.Schedule{}, 1, 1.8, 2.1996},
		{"second", poll.Schedule{}, 2, 2.7, 3.2994},
		{"longest", poll.Schedule{}, 9, 13.5, 16.497},
		{"around the floor", poll.Schedule{First: time.Second}, 1, 1, 1.0998},
		{"below the floor", poll.Schedule{First: 1, Max: 1}, 1, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Rounding may be off by a microsecond.
			require.InDelta(t, seconds(tt.low), next(tt.schedule, tt.polls, 0, 0), 1e3)
			require.InDelta(t, seconds(tt.high), next(tt.schedule, tt.polls, 0, 0.999), 1e3)
		})
	}
}

func TestSchedule_ObeysRetryAfter(t *testing.T) {
	tests := []struct {
		name       string
		hint, want time.Duration
	}{
		{"tiny", 1, time.Second},
		{"below the floor", 999 * time.Millisecond, time.Second},
		{"the floor", time.Second, time.Second},
		{"shorter than our own", 1500 * time.Millisecond, 1500 * time.Millisecond},
		{"normal", 5 * time.Second, 5 * time.Second},
		{"longer than our longest", 30 * time.Second, 30 * time.Second},
		{"the longest", 2 * time.Minute, 2 * time.Minute},
		{"an hour", time.Hour, 2 * time.Minute},
		{"huge", math.MaxInt64, 2 * time.Minute},
		{"none", 0, 2 * time.Second},
		{"negative", -time.Minute, 2 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, next(poll.Schedule{}, 1, tt.hint, middle))
		})
	}
	for _, random := range []float64{0, 0.999} {
		require.Equal(t, 5*time.Second, next(poll.Schedule{}, 3, 5*time.Second, random), "a Retry-After gets no jitter")
	}
}

func TestSchedule_RetryAfterOverridesItsBounds(t *testing.T) {
	schedule := poll.Schedule{First: 10 * time.Second, Max: 20 * time.Second}
	require.Equal(t, 2*time.Second, next(schedule, 4, 2*time.Second, middle))
	require.Equal(t, time.Minute, next(schedule, 4, time.Minute, middle))
	require.Equal(t, 20*time.Second, next(schedule, 4, 0, middle), "the next time, without one")
}

func TestSchedule_RepairsATamperedState(t *testing.T) {
	for _, polls := range []int{0, -1, math.MinInt32 + 1} { // only a state that was tampered with holds these
		require.Equal(t, 2*time.Second, next(poll.Schedule{}, polls, 0, middle))
	}
}

// Work in proportion to the number of polls would not end for the last of these.
func TestSchedule_AfterManyPolls(t *testing.T) {
	for _, polls := range []int{100, 1e6, math.MaxInt32, math.MaxInt} {
		require.Equal(t, 15*time.Second, next(poll.Schedule{}, polls, 0, middle))
		require.Equal(t, time.Second, next(poll.Schedule{First: 1, Max: 1}, polls, 0, middle))
		require.Equal(t, 24*time.Hour, next(poll.Schedule{First: 1, Max: 24 * time.Hour}, polls, 0, middle))
	}
}

func TestSchedule_DoesNotOverflow(t *testing.T) {
	for _, random := range []float64{0, middle, 0.999} {
		got := next(poll.Schedule{First: math.MaxInt64, Max: math.MaxInt64}, 1, 0, random)
		require.Greater(t, got, time.Duration(math.MaxInt64/10*8))
	}
}

func TestSchedule_StaysInBounds(t *testing.T) {
	durations := []time.Duration{-1, 0, 1, time.Millisecond, time.Second, 7 * time.Second, time.Minute, 1000 * time.Hour}
	for _, first := range durations {
		for _, longest := range durations {
			schedule := poll.Schedule{First: first, Max: longest}
			high := longest
			if longest <= 0 {
				high = max(poll.DefaultMax, first)
			}
			high = max(high+high/10, poll.Floor)
			previous := time.Duration(0)
			for polls := range 60 {
				for _, random := range []float64{0, 0.3, 0.999} {
					got := next(schedule, polls, 0, random)
					require.GreaterOrEqual(t, got, poll.Floor, "%+v", schedule)
					require.LessOrEqual(t, got, high, "%+v", schedule)
				}
				got := next(schedule, polls, 0, middle)
				require.GreaterOrEqual(t, got, previous, "%+v: never shorter than the one before", schedule)
				previous = got
			}
		}
	}
}
