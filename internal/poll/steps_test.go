package poll_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/poll"
)

var submitted = time.Unix(1_795_330_000, 0)

// at is a moment of the server's clock, in seconds since the task was submitted.
func at(s float64) time.Time { return submitted.Add(seconds(s)) }

// stored is what an answer of a stored task tells: the server's clock, and when it
// last looked at the task, 0 if it has not yet.
func stored(date, updated float64) poll.Seen {
	return poll.Seen{Date: at(date), SubmittedAt: submitted, UpdatedAt: at(updated)}
}

// delays returns the delay after each answer, in seconds. In the middle of its
// jitter a delay is itself, and one in step has a tenth of a second added.
func delays(schedule poll.Schedule, answers ...poll.Seen) []float64 {
	var state poll.State
	var all []float64
	for _, seen := range answers {
		var delay time.Duration
		state, delay = schedule.After(state, seen, middle)
		all = append(all, delay.Seconds())
	}
	return all
}

func TestInStepWithTheServer(t *testing.T) {
	tests := []struct {
		name    string
		answers []poll.Seen
		want    []float64
	}{
		{"until the first tick as ever", []poll.Seen{stored(0, 0), stored(2, 0), stored(5, 0)}, []float64{2, 3, 4.5}},
		{"from the first tick on", []poll.Seen{stored(0, 0), stored(2, 0), stored(9, 7), stored(23, 22)}, []float64{2, 3, 14.2, 15.2}},
		{"a start is a tick too", []poll.Seen{{Date: at(9), SubmittedAt: submitted, StartedAt: at(7)}}, []float64{14.2}},
		{"the later of both counts", []poll.Seen{{Date: at(40), SubmittedAt: submitted, StartedAt: at(7), UpdatedAt: at(37)}}, []float64{13.2}},
		{"a tick was skipped", []poll.Seen{stored(9, 7), stored(23, 7), stored(38, 37)}, []float64{14.2, 15.2, 15.2}},
		{"two ticks were skipped", []poll.Seen{stored(9, 7), stored(23, 7), stored(38, 7), stored(53, 52)}, []float64{14.2, 15.2, 15.2, 15.2}},
		{"asked at the tick itself", []poll.Seen{stored(7, 7)}, []float64{16.2}},
		{"the next tick is too near", []poll.Seen{stored(22.9, 7)}, []float64{15.3}},
		{"the clock is cut to the second", []poll.Seen{stored(6.5, 7)}, []float64{16.7}},
		{"an error in between", []poll.Seen{stored(9, 7), {Failed: true}, stored(23, 22)}, []float64{14.2, 3, 15.2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.InDeltaSlice(t, test.want, delays(poll.Schedule{}, test.answers...), 1e-6)
		})
	}
}

func TestTimesThatDoNotFitAreIgnored(t *testing.T) {
	tests := []struct {
		name string
		seen poll.Seen
	}{
		{"no times", poll.Seen{Date: at(9)}},
		{"no clock", poll.Seen{SubmittedAt: submitted, UpdatedAt: at(7)}},
		{"never looked at", stored(500, 0)},
		{"looked at in the future", stored(7, 9)},
		{"clocks hours apart", stored(7+5*3600, 7)},
		{"clocks hours apart the other way", stored(7, 7+5*3600)},
		{"frozen", stored(70, 7)},
		{"before the epoch", poll.Seen{Date: time.Unix(-5, 0), UpdatedAt: time.Unix(-9, 0)}},
		{"absurd", poll.Seen{Date: at(9), UpdatedAt: time.Unix(1<<40, 0)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, []float64{2, 3, 4.5, 6.75, 10.125, 15, 15},
				delays(poll.Schedule{}, test.seen, test.seen, test.seen, test.seen, test.seen, test.seen, test.seen))
		})
	}
}

func TestAClockThatRunsBackwardsIsForgotten(t *testing.T) {
	require.InDeltaSlice(t, []float64{14.2, 3, 10.2},
		delays(poll.Schedule{}, stored(9, 7), stored(23, 3), stored(24, 18)), 1e-6)
}

func TestThePeriodIsLearned(t *testing.T) {
	tests := []struct {
		name    string
		answers []poll.Seen
		want    []float64
	}{
		{"20 s", []poll.Seen{stored(9, 7), stored(28, 27), stored(48, 47)}, []float64{14.2, 20.2, 20.2}},
		{"10 s", []poll.Seen{stored(3, 2), stored(18, 12), stored(23, 22)}, []float64{15.2, 5.2, 10.2}},
		{"a minute, once it has been nothing else", []poll.Seen{stored(8, 7), stored(68, 67), stored(128, 127), stored(188, 187)},
			[]float64{15.2, 15.2, 15.2, 60.2}},
		{"back from what were skipped ticks", []poll.Seen{stored(8, 7), stored(38, 37), stored(68, 67), stored(98, 97), stored(113, 112)},
			[]float64{15.2, 15.2, 15.2, 30.2, 15.2}},
		{"two moments of one tick", []poll.Seen{stored(8, 7), stored(10, 9)}, []float64{15.2, 15.2}},
		{"a gap beyond any ticker's", []poll.Seen{stored(8, 7), stored(300, 299)}, []float64{15.2, 15.2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.InDeltaSlice(t, test.want, delays(poll.Schedule{}, test.answers...), 1e-6)
		})
	}
}

func TestAnIntervalOfTheCallersOwnComesBeforeTheSteps(t *testing.T) {
	own := poll.Schedule{First: 4 * time.Second}
	require.Equal(t, []float64{4, 6, 9}, delays(own, stored(9, 7), stored(13, 7), stored(19, 7)))
}

func TestLiveAnswers(t *testing.T) {
	live := poll.Seen{Live: true}
	require.InDeltaSlice(t, []float64{2, 15, 12, 9.6, 7.68, 6.144, 5, 5, 5},
		delays(poll.Schedule{}, live, live, live, live, live, live, live, live, live), 1e-6)
}

func TestErrorsInARowStretchTheDelays(t *testing.T) {
	failed := poll.Seen{Failed: true}
	require.Equal(t, []float64{2, 4, 8, 16, 32, 60, 60}, delays(poll.Schedule{}, failed, failed, failed, failed, failed, failed, failed))
	require.Equal(t, []float64{2, 4, 8, 16, 32, 15}, delays(poll.Schedule{}, failed, failed, failed, failed, failed, poll.Seen{}),
		"five errors, then fine")
	hint := poll.Seen{Failed: true, RetryAfter: 7 * time.Second}
	require.Equal(t, []float64{2, 7, 8}, delays(poll.Schedule{}, failed, hint, failed))
}

func TestJitterInStepStaysBehindTheTick(t *testing.T) {
	_, least := poll.Schedule{}.After(poll.State{}, stored(9, 7), 0)
	_, most := poll.Schedule{}.After(poll.State{}, stored(9, 7), 0.999)
	require.Greater(t, most, least)
	require.Less(t, most-least, time.Second/4)
}

func TestStateSurvivesStorage(t *testing.T) {
	var state poll.State
	for _, seen := range []poll.Seen{stored(9, 7), {Failed: true}, {Live: true}, stored(28, 27)} {
		state, _ = poll.Schedule{}.After(state, seen, middle)
		encoded, err := json.Marshal(state)
		require.NoError(t, err)
		var decoded poll.State
		require.NoError(t, json.Unmarshal(encoded, &decoded))
		require.Equal(t, state, decoded)
	}
}

func TestQueueIsFair(t *testing.T) {
	var queue poll.Queue[item]
	for _, add := range []item{{"c", 3}, {"a1", 1}, {"b", 2}, {"a2", 1}, {"a3", 1}} {
		queue.Push(add)
	}
	var order []string
	for queue.Len() > 0 {
		first := queue.First()
		require.Equal(t, first, queue.Pop())
		order = append(order, first.name)
		if first.name == "a1" {
			queue.Push(item{"a4", 1})
		}
	}
	require.Equal(t, []string{"a1", "a2", "a3", "a4", "b", "c"}, order)
}

type item struct {
	name string
	due  float64
}

func (i item) Due() time.Time { return at(i.due) }
