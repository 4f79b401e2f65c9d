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
	tests := []struct {
		name   string
		script xiexustest.Script
		ticks  []int // in seconds: those that the last polls follow
	}{
		{"every tick", storedTask(ticker, xiexustest.Stored), []int{37, 52, 67, 82, 97}},
		{"ticks skipped", storedTask(skipping, xiexustest.Stored), []int{37, 52, 67, 82, 97}},
		{"older release", storedTask(ticker, xiexustest.StoredLegacy), []int{37, 52, 67, 82, 97}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				polls := pollsOf(t, test.script)
				polls = polls[len(polls)-len(test.ticks):]
				for i, seconds := range test.ticks {
					tick := time.Duration(seconds) * time.Second
					require.Greater(t, polls[i], tick)
					require.Less(t, polls[i], tick+3250*time.Millisecond, "two times are truncated to the second")
				}
			})
		})
	}
}

func TestWait_FallsBackToBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		polls := pollsOf(t, xiexustest.Completes(90*time.Second, video))
		requireBackoff(t, polls)
		require.Greater(t, len(polls), 8)
	})
}

// The relay updates tasks every 20 s, which none does as far as we know, or has not updated
// the task yet.
func TestWait_WithoutABeatIsAsGoodAsAFixedInterval(t *testing.T) {
	tests := []struct {
		name   string
		script xiexustest.Script
		end    time.Duration
	}{
		{"another period", storedTask(xiexustest.Ticker{Interval: 20 * time.Second, First: 7 * time.Second}, xiexustest.Stored), 107 * time.Second},
		{"not updated yet", xiexustest.Script{
			Dialects: []xiexustest.Dialect{xiexustest.Stored},
			Ticker:   xiexustest.Ticker{Interval: 15 * time.Second, First: 97 * time.Second},
			Steps:    []xiexustest.Step{{At: 90 * time.Second, Status: xiexus.StatusCompleted, URL: video}},
		}, 97 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				polls := pollsOf(t, test.script)
				require.LessOrEqual(t, len(polls), 12)
				require.Less(t, polls[len(polls)-1], test.end+12*time.Second)
			})
		})
	}
}

func TestWait_PollsARelayThatQueriesItsUpstreamRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		polls := pollsOf(t, xiexustest.Completes(100*time.Second, video, xiexustest.Realtime))
		require.LessOrEqual(t, len(polls), 10)
		require.Less(t, polls[len(polls)-1], 117*time.Second)
	})
}

func TestWait_DialectsThatAlternate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := xiexustest.Ticker{Interval: 15 * time.Second, First: 7 * time.Second}
		pollsOf(t, storedTask(ticker, xiexustest.Stored, xiexustest.Realtime, xiexustest.StoredLegacy, xiexustest.Documented))
	})
}
