package poll_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/poll"
)

// epoch is a time of our clock. In these tests the server's clock is ahead by skew.
var epoch = time.Unix(1_795_330_000, 0)

const (
	skew      = 7300 * time.Millisecond
	trip      = 100 * time.Millisecond // of a request and its response together
	round     = 5.5                    // seconds, of polls without a beat
	submitted = 1.0                    // when the tasks were submitted, in seconds since the epoch
)

// server returns a time of the server's clock, truncated to the second, in seconds since
// the epoch of ours.
func server(s float64) time.Time { return epoch.Add(seconds(s) + skew).Truncate(time.Second) }

// stored is what a response at a time reveals about a task that was submitted and last
// visited at others, 0 if it was not visited yet.
func stored(at, visited float64) poll.Observation {
	seen := poll.Observation{
		SentAt:      epoch.Add(seconds(at) - trip),
		ReceivedAt:  epoch.Add(seconds(at)),
		Date:        server(at - trip.Seconds()/2),
		SubmittedAt: server(submitted),
		UpdatedAt:   server(submitted),
	}
	if visited != 0 {
		seen.UpdatedAt, seen.StartedAt = server(visited), server(visited)
	}
	return seen
}

// after returns the time of the next poll, in seconds since the epoch, after each of the
// observations of one task.
func after(observations ...poll.Observation) []float64 {
	var state poll.State
	var due []float64
	for _, seen := range observations {
		var delay time.Duration
		state, delay = poll.Schedule{}.Next(state, seen, 0)
		due = append(due, seen.ReceivedAt.Add(delay).Sub(epoch).Seconds())
	}
	return due
}

// last returns the last element.
func last(all []float64) float64 { return all[len(all)-1] }

func TestBeat_IsFollowed(t *testing.T) {
	tests := []struct {
		name         string
		observations []poll.Observation
		pass         float64 // after which the next poll must be, by at most 2.5 s
	}{
		{"from the first visit on", []poll.Observation{stored(41, 37)}, 52},
		{"although nothing has changed for minutes", []poll.Observation{stored(41, 37), stored(301, 37)}, 307},
		{"polled shortly before a pass", []poll.Observation{stored(41, 37), stored(51, 37)}, 52},
		{"passes were skipped", []poll.Observation{stored(41, 37), stored(84, 82)}, 97},
		{"a failure in between", []poll.Observation{stored(41, 37), {Failed: true}, stored(54, 37)}, 67},
		{"one visit off the beat", []poll.Observation{
			stored(41, 37), stored(54, 52), stored(69, 67), stored(84, 82), stored(91, 90), stored(93, 90),
		}, 97},
		{"one odd gap", []poll.Observation{stored(41, 37), stored(54, 52), stored(69, 67), stored(89, 86), stored(93, 86)}, 97},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			due := last(after(test.observations...))
			require.GreaterOrEqual(t, due, test.pass)
			require.LessOrEqual(t, due, test.pass+2.5)
		})
	}
}

// Sub-second parts are estimated from many times that are truncated to the second.
func TestBeat_GetsCloserToTheVisits(t *testing.T) {
	for _, phase := range []float64{37, 37.3, 37.6, 37.9} {
		var observations []poll.Observation
		for i := range 60 {
			at := phase + 15*float64(i) + 2 + float64(i%10)/10
			observations = append(observations, stored(at, phase+15*float64(i)))
		}
		late := last(after(observations...)) - (phase + 15*60)
		require.Greater(t, late, 0.0, phase)
		require.Less(t, late, 1.5, phase)
	}
}

func TestBeat_OfEverySecondPass(t *testing.T) {
	var observations []poll.Observation
	for i := range 10 {
		pass := 37 + 30*float64(i)
		observations = append(observations, stored(pass+2, pass))
	}
	due := after(observations...)
	require.InDelta(t, 52, due[0], 3, "15 s until it is known")
	require.InDelta(t, 37+30*10, last(due), 3)
}

func TestBeat_MovesWhenTheRelayRestarts(t *testing.T) {
	var observations []poll.Observation
	for i := range 10 {
		observations = append(observations, stored(39+15*float64(i), 37+15*float64(i)))
	}
	for i := range 5 {
		pass := 200 + 15*float64(i) // 7 s off
		observations = append(observations, stored(pass+2, pass))
	}
	require.InDelta(t, 200+15*5, last(after(observations...)), 3)
}

func TestBeat_IsGivenUpOnABusyChannel(t *testing.T) {
	var observations []poll.Observation
	for i := range 20 {
		pass := 37 + 49*float64(i) + 5*float64(i%3)
		observations = append(observations, stored(pass+2, pass))
	}
	at := observations[len(observations)-1].ReceivedAt.Sub(epoch).Seconds()
	due := last(after(observations...))
	require.Greater(t, due-at, round)
	require.LessOrEqual(t, due-at, 2*round+0.1)

	many := observations[len(observations)-1]
	many.Batch = 20
	observations[len(observations)-1] = many
	due = last(after(observations...))
	require.GreaterOrEqual(t, due-at, 1.0)
	require.LessOrEqual(t, due-at, round+1, "a request that reads many tasks is worth a poll each round")
}

// A relay that does not report its clock cannot be followed.
func TestBeat_NeedsTheClockOfTheServer(t *testing.T) {
	seen := stored(41, 37)
	seen.Date = time.Time{}
	due := last(after(seen)) - 41
	require.Greater(t, due, round)
	require.LessOrEqual(t, due, 2*round+0.1)
}

func TestSchedule_YoungTasks(t *testing.T) {
	created := poll.Observation{Created: true, SentAt: epoch, ReceivedAt: epoch.Add(trip), Date: server(0)}
	t.Run("created", func(t *testing.T) {
		require.InDelta(t, 22.5, last(after(created)), round+0.2)
	})
	t.Run("created while the beat is known", func(t *testing.T) {
		seen := created
		seen.SentAt, seen.ReceivedAt, seen.Date = seen.SentAt.Add(65*time.Second), seen.ReceivedAt.Add(65*time.Second), server(65)
		require.InDelta(t, 97, last(after(stored(41, 37), seen)), 2.5, "the first pass when it is 22.5 s old")
	})
	t.Run("not visited yet", func(t *testing.T) {
		due := last(after(stored(3, 0)))
		require.GreaterOrEqual(t, due, 1+22.5-1)
		require.LessOrEqual(t, due, 1+22.5+round+1)
	})
	t.Run("with an interval of its own", func(t *testing.T) {
		_, delay := poll.Schedule{First: time.Second}.Next(poll.State{}, created, middle)
		require.Equal(t, time.Second, delay)
	})
}

func TestSchedule_LiveTasks(t *testing.T) {
	live := poll.Observation{Live: true}
	state, delay := poll.Schedule{}.Next(poll.State{}, live, middle)
	require.Equal(t, 15*time.Second, delay)
	require.True(t, state.Realtime)

	batch := stored(41, 37)
	batch.Batch = 1
	state, delay = poll.Schedule{}.Next(state, batch, middle)
	require.True(t, state.Realtime, "the stored shape is that of every task in a batch")
	require.InDelta(t, 52-41, delay.Seconds(), 3)

	live.Doubtful = true
	for i := range int32(3) {
		for _, schedule := range []poll.Schedule{{}, {First: time.Second}} {
			next, delay := schedule.Next(state, live, middle)
			require.Equal(t, 20*time.Second, delay)
			require.Equal(t, i+1, next.Doubts)
		}
		state, _ = poll.Schedule{}.Next(state, live, middle)
	}
	state, _ = poll.Schedule{}.Next(state, stored(41, 37), middle)
	require.True(t, state.Realtime, "relays report it as stored while its upstream fails")
	require.Zero(t, state.Doubts)
}

// Tasks with one beat, or without any, are due at the same time, so that one request reads
// them.
func TestSchedule_TasksMeet(t *testing.T) {
	for _, beat := range []poll.Beat{{}, {Phase: epoch.UnixMilli(), Low: 7200, High: 7300}} {
		due := map[time.Time]bool{}
		for i := range 100 {
			seen := stored(60+float64(i)/50, 37)
			state, delay := poll.Schedule{}.Next(poll.State{Beat: beat, Visited: seen.UpdatedAt.Unix()}, seen, 0.3)
			require.Positive(t, delay)
			due[seen.ReceivedAt.Add(delay)] = true
			require.Equal(t, beat.Phase, state.Beat.Phase)
		}
		require.LessOrEqual(t, len(due), 2)
	}
}

// A cursor comes from outside: whatever it holds, polls stay within the bounds, and the
// beat recovers.
func TestBeat_OfAStateThatWasTamperedWith(t *testing.T) {
	numbers := []int64{0, 1, -1, math.MaxInt64, math.MinInt64, math.MaxInt32, math.MinInt32, epoch.UnixMilli() + 1<<40}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func() int64 { return numbers[random.IntN(len(numbers))] }
	for range 2000 {
		encoded, err := json.Marshal(map[string]any{
			"asked": int32(pick()), "failures": int32(pick()), "doubts": int32(pick()), "visited": pick(),
			"beat": map[string]any{"phase": pick(), "even": int32(pick()), "fit": int32(pick()), "low": pick(), "high": pick()},
		})
		require.NoError(t, err)
		var state poll.State
		require.NoError(t, json.Unmarshal(encoded, &state))
		var due float64
		for i := range 60 {
			pass := 37 + 15*float64(i)
			seen := stored(pass+2, pass)
			var delay time.Duration
			state, delay = poll.Schedule{}.Next(state, seen, random.Float64())
			require.GreaterOrEqual(t, delay, poll.Floor, string(encoded))
			require.LessOrEqual(t, delay, time.Minute, string(encoded))
			due = seen.ReceivedAt.Add(delay).Sub(epoch).Seconds()
		}
		require.InDelta(t, 37+15*60, due, 3, string(encoded))
	}
}

func FuzzSchedule_Next(f *testing.F) {
	f.Add([]byte(`{"asked":4,"beat":{"phase":1795330000000,"fit":2,"low":-20,"high":90}}`), int64(41_000), int64(37), true)
	f.Fuzz(func(t *testing.T, encoded []byte, milliseconds, visited int64, failed bool) {
		var state poll.State
		if json.Unmarshal(encoded, &state) != nil {
			return
		}
		seen := stored(41, 37)
		seen.ReceivedAt = time.UnixMilli(milliseconds)
		seen.UpdatedAt = time.Unix(visited, 0)
		seen.Failed = failed
		_, delay := poll.Schedule{}.Next(state, seen, 0.5)
		require.GreaterOrEqual(t, delay, poll.Floor)
		require.LessOrEqual(t, delay, poll.LongestRetryAfter)
	})
}

// Tasks that ended long ago, or that claim to be visited in the future, reveal nothing about
// the beat of the passes.
func TestBeat_OddTasks(t *testing.T) {
	tests := map[string]func(i int) float64{
		"three hours ago": func(i int) float64 { return -3*3600 - 7 - 60*float64(i) },
		"three days ago":  func(i int) float64 { return -72*3600 - 7 - 60*float64(i) },
		"in an hour":      func(i int) float64 { return 3600 + 7 + 60*float64(i) },
		"in three days":   func(i int) float64 { return 72*3600 + 7 + 60*float64(i) },
	}
	for name, visited := range tests {
		t.Run(name, func(t *testing.T) {
			var known poll.Beat
			at := 0.0
			for ; at < 150; at += 15 {
				state, _ := poll.Schedule{}.Next(poll.State{Beat: known}, stored(at+1, at), middle)
				known = state.Beat
			}
			beat := known
			for i := range 5 {
				when := at - 15 + visited(i)
				state, _ := poll.Schedule{}.Next(poll.State{Beat: beat}, stored(at, when), middle)
				beat = state.Beat
			}
			require.Equal(t, known.Phase, beat.Phase)
			require.Equal(t, known.Fit, beat.Fit)
		})
	}
}
