package xiexus_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// stored is a task that takes a minute and a half on a relay with a ticker.
func stored(ticker xiexustest.Ticker, dialects ...xiexustest.Dialect) xiexustest.Script {
	script := xiexustest.Completes(90*time.Second, video, dialects...)
	script.Ticker = ticker
	return script
}

func TestWaitKeepsInStepWithTheServer(t *testing.T) {
	ticker := xiexustest.Ticker{Interval: 15 * time.Second, First: 7 * time.Second}
	skipping := ticker
	skipping.Skipped = []int{2, 3, 5} // gaps of 45 and 30 s
	slow := xiexustest.Ticker{Interval: 20 * time.Second, First: 7 * time.Second}
	tests := []struct {
		name   string
		script xiexustest.Script
		asked  []time.Duration // after the tick each of these questions comes
	}{
		{"every tick", stored(ticker, xiexustest.Stored), []time.Duration{22, 37, 52, 67, 82, 97}},
		{"ticks skipped", stored(skipping, xiexustest.Stored), []time.Duration{22, 37, 52, 67, 82, 97}},
		{"older release", stored(ticker, xiexustest.StoredLegacy), []time.Duration{22, 37, 52, 67, 82, 97}},
		{"another period", stored(slow, xiexustest.Stored), []time.Duration{22, 37, 47, 67, 87, 107}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", test.script)
				task, err := newClient(t, relay).Wait(t.Context(), "task")
				require.NoError(t, err)
				require.Equal(t, video, task.URL)
				asked := askedAt(relay)
				asked = asked[len(asked)-len(test.asked):]
				for i, tick := range test.asked {
					require.Greater(t, asked[i], tick*time.Second)
					require.Less(t, asked[i], tick*time.Second+2500*time.Millisecond, "both clocks are cut to the second")
				}
			})
		})
	}
}

func TestWaitFallsBackToThePlainSchedule(t *testing.T) {
	ticker := xiexustest.Ticker{Interval: 15 * time.Second, First: 7 * time.Second}
	frozen := ticker
	frozen.FreezeTimes = true
	tests := []struct {
		name   string
		script xiexustest.Script
	}{
		{"documented dialect", xiexustest.Completes(90*time.Second, video)},
		{"a clock that stands still", xiexustest.Script{
			Dialects: []xiexustest.Dialect{xiexustest.Stored},
			Ticker:   frozen,
			Steps:    []xiexustest.Step{{At: 90 * time.Second, Status: xiexus.StatusCompleted, URL: video}},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", test.script)
				_, err := newClient(t, relay).Wait(t.Context(), "task")
				require.NoError(t, err)
				asked := askedAt(relay)
				want := 2 * time.Second
				for i := 1; i < len(asked); i++ {
					require.InEpsilon(t, want, asked[i]-asked[i-1], 0.1001)
					want = min(want*3/2, 15*time.Second)
				}
			})
		})
	}
}

func TestWaitAsksALiveRelayLessAtFirstAndMoreTowardsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(100*time.Second, video, xiexustest.Realtime))
		_, err := newClient(t, relay).Wait(t.Context(), "task")
		require.NoError(t, err)
		asked := askedAt(relay)
		require.Less(t, len(asked), 20)
		require.Less(t, asked[len(asked)-1], 106*time.Second)
		require.Greater(t, asked[2]-asked[1], 13*time.Second)
	})
}

func TestWaitSurvivesFlipsBetweenDialects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		ticker := xiexustest.Ticker{Interval: 15 * time.Second, First: 7 * time.Second}
		relay.Add("task", stored(ticker, xiexustest.Stored, xiexustest.Realtime, xiexustest.StoredLegacy, xiexustest.Documented))
		task, err := newClient(t, relay).Wait(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, video, task.URL)
	})
}
