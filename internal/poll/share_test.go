package poll_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/poll"
)

func TestBeat_Compare(t *testing.T) {
	now := epoch.Add(time.Hour)
	ago := func(d time.Duration, fit, even int32) poll.Beat {
		return poll.Beat{Phase: now.Add(-d).UnixMilli(), Fit: fit, Even: even}
	}
	tests := []struct {
		name          string
		better, worse poll.Beat
	}{
		{"of any pass", ago(time.Minute, 0, 0), poll.Beat{}},
		{"of a later pass", ago(60*time.Second, -1, 0), ago(75*time.Second, 3, 8)},
		{"of the same pass, fits better", ago(62*time.Second, 2, 0), ago(60*time.Second, 1, 7)},
		{"of the same pass, of every second one", ago(62*time.Second, 2, 8), ago(60*time.Second, 2, 7)},
		{"of the same pass, slightly later", ago(60*time.Second, 2, 8), ago(61*time.Second, 2, 9)},
		{"within the last day", ago(23*time.Hour, 0, 0), poll.Beat{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Positive(t, test.better.Compare(test.worse, now))
			require.Negative(t, test.worse.Compare(test.better, now))
			require.Zero(t, test.better.Compare(test.better, now))
		})
	}
}

// A beat that cannot have been observed lately is not better than none.
func TestBeat_CompareWithOneThatCannotBeTrue(t *testing.T) {
	now := epoch.Add(time.Hour)
	at := func(d time.Duration) poll.Beat { return poll.Beat{Phase: now.Add(d).UnixMilli(), Fit: 3} }
	clock := poll.Beat{Low: skew.Milliseconds() - 10, High: skew.Milliseconds()}
	tests := []struct {
		name     string
		mine     poll.Beat
		theirs   poll.Beat
		isBetter bool
	}{
		{"now, by the clock of the server", clock, at(skew), true},
		{"in the future, by the clock of the server", clock, at(skew + 4*time.Second), false},
		{"too long ago, by the clock of the server", clock, at(skew - 25*time.Hour), false},
		{"in the future, by ours, which may be wrong", poll.Beat{}, at(23 * time.Hour), true},
		{"in the future, by any clock", poll.Beat{}, at(25 * time.Hour), false},
		{"too long ago", poll.Beat{}, at(-49 * time.Hour), false},
		{"before the epoch", poll.Beat{}, poll.Beat{Phase: math.MinInt64}, false},
		{"at the end of time", poll.Beat{}, poll.Beat{Phase: math.MaxInt64}, false},
		{"than one that cannot be true either", poll.Beat{Phase: math.MaxInt64}, at(-time.Minute), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.isBetter, test.mine.Compare(test.theirs, now) < 0)
		})
	}
}
