package xiexus_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestWait_FollowsTheTicker(t *testing.T) {
	ticker := xiexustest.Ticker{Interval: 15 * time.Second, First: 7 * time.Second}
	skipping := ticker
	skipping.Skipped = []int{2, 3, 5} // gaps of 45 and 30 s
	slow := xiexustest.Ticker{Interval: 20 * time.Second, First: 7 * time.Second}
	tests := []struct {
		name   string
		script xiexustest.Script
		ticks  []int // in seconds: those that the last polls follow
	}{
		{"every tick", storedTask(ticker, xiexustest.Stored), []int{22, 37, 52, 67, 82, 97}},
		{"ticks skipped", storedTask(skipping, xiexustest.Stored), []int{22, 37, 52, 67, 82, 97}},
		{"older release", storedTask(ticker, xiexustest.StoredLegacy), []int{22, 37, 52, 67, 82, 97}},
		{"another period", storedTask(slow, xiexustest.Stored), []int{22, 37, 47, 67, 87, 107}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				polls := pollsOf(t, test.script)
				polls = polls[len(polls)-len(test.ticks):]
				for i, seconds := range test.ticks {
					tick := time.Duration(seconds) * time.Second
					require.Greater(t, polls[i], tick)
					require.Less(t, polls[i], tick+2500*time.Millisecond, "both clocks are truncated to the second")
				}
			})
		})
	}
}

func TestWait_FallsBackToBackoff(t *testing.T) {
	tests := []struct {
		name   string
		script xiexustest.Script
	}{
		{"documented dialect", xiexustest.Completes(90*time.Second, video)},
		{"times that never change", xiexustest.Script{
			Dialects: []xiexustest.Dialect{xiexustest.Stored},
			Ticker:   xiexustest.Ticker{Interval: 15 * time.Second, First: 97 * time.Second},
			Steps:    []xiexustest.Step{{At: 90 * time.Second, Status: xiexus.StatusCompleted, URL: video}},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				polls := pollsOf(t, test.script)
				requireBackoff(t, polls)
				require.Greater(t, len(polls), 8)
			})
		})
	}
}

func TestWait_PollsALiveRelayLessAtFirstAndMoreTowardsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		polls := pollsOf(t, xiexustest.Completes(100*time.Second, video, xiexustest.Realtime))
		require.Less(t, len(polls), 20)
		require.Less(t, polls[len(polls)-1], 106*time.Second)
		require.Greater(t, polls[2]-polls[1], 13*time.Second)
	})
}

func TestWait_DialectsThatAlternate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := xiexustest.Ticker{Interval: 15 * time.Second, First: 7 * time.Second}
		pollsOf(t, storedTask(ticker, xiexustest.Stored, xiexustest.Realtime, xiexustest.StoredLegacy, xiexustest.Documented))
	})
}
