package retry_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/retry"
)

func TestDelaysDoubleWithJitter(t *testing.T) {
	middles := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second}
	synctest.Test(t, func(t *testing.T) {
		firsts := map[time.Duration]bool{}
		for range 50 {
			var r record
			_, err := r.after(t.Context(), len(middles), transient("first"), failures(len(middles))...)
			require.Error(t, err)
			require.Equal(t, r.told, r.slept)
			require.Len(t, r.slept, len(middles))
			for i, middle := range middles {
				require.GreaterOrEqual(t, r.slept[i], middle/2, "delay %d", i+1)
				require.LessOrEqual(t, r.slept[i], middle+middle/2, "delay %d", i+1)
			}
			firsts[r.slept[0]] = true
		}
		require.Greater(t, len(firsts), 40, "clients that fail together must not come back together")
	})
}

func TestRetryAfterReplacesTheDelay(t *testing.T) {
	tests := []struct {
		name      string
		asked     time.Duration
		low, high time.Duration
	}{
		{"tiny", time.Nanosecond, time.Nanosecond, time.Nanosecond},
		{"less than our own", 100 * time.Millisecond, 100 * time.Millisecond, 100 * time.Millisecond},
		{"normal", 3 * time.Second, 3 * time.Second, 3 * time.Second},
		{"the longest", 2 * time.Minute, 2 * time.Minute, 2 * time.Minute},
		{"past the longest", 2*time.Minute + 1, 2 * time.Minute, 2 * time.Minute},
		{"an hour", time.Hour, 2 * time.Minute, 2 * time.Minute},
		{"for ever", 1<<63 - 1, 2 * time.Minute, 2 * time.Minute},
		{"not asked", 0, 250 * time.Millisecond, 750 * time.Millisecond},
		{"negative", -time.Second, 250 * time.Millisecond, 750 * time.Millisecond},
	}
	require.Equal(t, 2*time.Minute, retry.LongestDelay)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var r record
				result, err := r.after(t.Context(), 1, asking("busy", tt.asked))
				require.NoError(t, err)
				require.Equal(t, "result 1", result)
				require.Equal(t, r.told, r.slept)
				require.Len(t, r.slept, 1)
				require.GreaterOrEqual(t, r.slept[0], tt.low)
				require.LessOrEqual(t, r.slept[0], tt.high)
			})
		})
	}
}

func TestRetryAfterIsReadEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r record
		_, err := r.after(t.Context(), 4, asking("first", 7*time.Second),
			asking("second", time.Hour), transient("third"), asking("fourth", time.Second))
		require.NoError(t, err)
		require.Len(t, r.slept, 4)
		require.Equal(t, 7*time.Second, r.slept[0])
		require.Equal(t, 2*time.Minute, r.slept[1])
		require.LessOrEqual(t, r.slept[2], 12*time.Second, "a delay of our own")
		require.Equal(t, time.Second, r.slept[3])
	})
}

// The number of tries is the only limit beside the context: there is none on their sum.
func TestLongDelaysDoNotAddUpToAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := make([]error, 20)
		for i := range script {
			script[i] = asking("busy", 2*time.Minute)
		}
		began := time.Now()
		var r record
		result, err := r.after(t.Context(), 20, asking("busy", 2*time.Minute), script[:19]...)
		require.NoError(t, err)
		require.Equal(t, "result 20", result)
		require.Equal(t, 40*time.Minute, time.Since(began))
	})
}
