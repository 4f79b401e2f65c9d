package poll_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/poll"
)

var submitted = time.Unix(1_795_330_000, 0)

// at returns a time of the server's clock, in seconds since the task was submitted.
func at(s float64) time.Time { return submitted.Add(seconds(s)) }

// stored is what a response about a stored task reveals: the server's clock, and when
// the server last updated the task, 0 if it has not yet.
func stored(date, updated float64) poll.Observation {
	return poll.Observation{Date: at(date), SubmittedAt: submitted, UpdatedAt: at(updated)}
}

// delays returns the delay after each observation, in seconds, without jitter. A delay
// that follows the ticker has a tenth of a second added.
func delays(schedule poll.Schedule, observations ...poll.Observation) []float64 {
	var state poll.State
	var all []float64
	for _, seen := range observations {
		var delay time.Duration
		state, delay = schedule.Next(state, seen, middle)
		all = append(all, delay.Seconds())
	}
	return all
}

func TestTicker_IsFollowed(t *testing.T) {
	tests := []struct {
		name         string
		observations []poll.Observation
		want         []float64
	}{
		{"backoff until the first tick", []poll.Observation{stored(0, 0), stored(2, 0), stored(5, 0)}, []float64{2, 3, 4.5}},
		{"from the first tick on", []poll.Observation{stored(0, 0), stored(2, 0), stored(9, 7), stored(23, 22)}, []float64{2, 3, 14.2, 15.2}},
		{"a start is a tick too", []poll.Observation{{Date: at(9), SubmittedAt: submitted, StartedAt: at(7)}}, []float64{14.2}},
		{"the later of both counts", []poll.Observation{{Date: at(40), SubmittedAt: submitted, StartedAt: at(7), UpdatedAt: at(37)}}, []float64{13.2}},
		{"a tick was skipped", []poll.Observation{stored(9, 7), stored(23, 7), stored(38, 37)}, []float64{14.2, 15.2, 15.2}},
		{"two ticks were skipped", []poll.Observation{stored(9, 7), stored(23, 7), stored(38, 7), stored(53, 52)}, []float64{14.2, 15.2, 15.2, 15.2}},
		{"polled at the tick itself", []poll.Observation{stored(7, 7)}, []float64{16.2}},
		{"the next tick is too close", []poll.Observation{stored(22.9, 7)}, []float64{15.3}},
		{"the clock is truncated to the second", []poll.Observation{stored(6.5, 7)}, []float64{16.7}},
		{"an error in between", []poll.Observation{stored(9, 7), {Failed: true}, stored(23, 22)}, []float64{14.2, 3, 15.2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.InDeltaSlice(t, test.want, delays(poll.Schedule{}, test.observations...), 1e-6)
		})
	}
}

func TestTicker_IgnoresTimesThatDoNotMatch(t *testing.T) {
	tests := []struct {
		name string
		seen poll.Observation
	}{
		{"no times", poll.Observation{Date: at(9)}},
		{"no clock", poll.Observation{SubmittedAt: submitted, UpdatedAt: at(7)}},
		{"never updated", stored(500, 0)},
		{"updated in the future", stored(7, 9)},
		{"clocks hours apart", stored(7+5*3600, 7)},
		{"clocks hours apart the other way", stored(7, 7+5*3600)},
		{"frozen", stored(70, 7)},
		{"before the epoch", poll.Observation{Date: time.Unix(-5, 0), UpdatedAt: time.Unix(-9, 0)}},
		{"absurd", poll.Observation{Date: at(9), UpdatedAt: time.Unix(1<<40, 0)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, []float64{2, 3, 4.5, 6.75, 10.125, 15, 15},
				delays(poll.Schedule{}, test.seen, test.seen, test.seen, test.seen, test.seen, test.seen, test.seen))
		})
	}
}

func TestTicker_ForgetsAClockThatWasSetBack(t *testing.T) {
	require.InDeltaSlice(t, []float64{14.2, 3, 10.2},
		delays(poll.Schedule{}, stored(9, 7), stored(23, 3), stored(24, 18)), 1e-6)
}

func TestTicker_LearnsThePeriod(t *testing.T) {
	tests := []struct {
		name         string
		observations []poll.Observation
		want         []float64
	}{
		{"20 s", []poll.Observation{stored(9, 7), stored(28, 27), stored(48, 47)}, []float64{14.2, 20.2, 20.2}},
		{"10 s", []poll.Observation{stored(3, 2), stored(18, 12), stored(23, 22)}, []float64{15.2, 5.2, 10.2}},
		{"a minute, once it has been confirmed", []poll.Observation{stored(8, 7), stored(68, 67), stored(128, 127), stored(188, 187)},
			[]float64{15.2, 15.2, 15.2, 60.2}},
		{"back from what were skipped ticks", []poll.Observation{stored(8, 7), stored(38, 37), stored(68, 67), stored(98, 97), stored(113, 112)},
			[]float64{15.2, 15.2, 15.2, 30.2, 15.2}},
		{"two times of the same tick", []poll.Observation{stored(8, 7), stored(10, 9)}, []float64{15.2, 15.2}},
		{"a gap beyond any ticker's", []poll.Observation{stored(8, 7), stored(300, 299)}, []float64{15.2, 15.2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.InDeltaSlice(t, test.want, delays(poll.Schedule{}, test.observations...), 1e-6)
		})
	}
}

func TestTicker_IsNotFollowedByACustomSchedule(t *testing.T) {
	own := poll.Schedule{First: 4 * time.Second}
	require.Equal(t, []float64{4, 6, 9}, delays(own, stored(9, 7), stored(13, 7), stored(19, 7)))
}

func TestSchedule_LiveResponses(t *testing.T) {
	live := poll.Observation{Live: true}
	require.InDeltaSlice(t, []float64{2, 15, 12, 9.6, 7.68, 6.144, 5, 5, 5},
		delays(poll.Schedule{}, live, live, live, live, live, live, live, live, live), 1e-6)
}

func TestSchedule_FailuresInARowStretchTheDelays(t *testing.T) {
	failed := poll.Observation{Failed: true}
	require.Equal(t, []float64{2, 4, 8, 16, 32, 60, 60}, delays(poll.Schedule{}, failed, failed, failed, failed, failed, failed, failed))
	require.Equal(t, []float64{2, 4, 8, 16, 32, 15}, delays(poll.Schedule{}, failed, failed, failed, failed, failed, poll.Observation{}),
		"five failures, then a task")
	retryAfter := poll.Observation{Failed: true, RetryAfter: 7 * time.Second}
	require.Equal(t, []float64{2, 7, 8}, delays(poll.Schedule{}, failed, retryAfter, failed))
}

func TestTicker_JitterStaysBehindTheTick(t *testing.T) {
	_, least := poll.Schedule{}.Next(poll.State{}, stored(9, 7), 0)
	_, most := poll.Schedule{}.Next(poll.State{}, stored(9, 7), 0.999)
	require.Greater(t, most, least)
	require.Less(t, most-least, time.Second/4)
}

func TestState_SurvivesJSON(t *testing.T) {
	var state poll.State
	for _, seen := range []poll.Observation{stored(9, 7), {Failed: true}, {Live: true}, stored(28, 27)} {
		state, _ = poll.Schedule{}.Next(state, seen, middle)
		encoded, err := json.Marshal(state)
		require.NoError(t, err)
		var decoded poll.State
		require.NoError(t, json.Unmarshal(encoded, &decoded))
		require.Equal(t, state, decoded)
	}
}
