package shared

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReserveSlots(t *testing.T) {
	now := time.Date(2026, 11, 28, 20, 0, 0, 0, time.UTC)
	tests := []struct {
		name      string
		next      time.Time
		perSecond float64
		first     time.Duration // after now
		count     int
		after     time.Duration
	}{
		{"nothing reserved", time.Time{}, 10, 0, 2, 200 * time.Millisecond},
		{"reserved long ago", now.Add(-time.Hour), 10, 0, 2, 200 * time.Millisecond},
		{"reserved by others", now.Add(time.Second), 10, time.Second, 2, 1200 * time.Millisecond},
		{"less than one in a chunk", now, 0.5, 0, 1, 2 * time.Second},
		{"many", now, 1000, 0, 200, 200 * time.Millisecond},
		{"by a clock that is wrong", now.Add(time.Hour), 10, longestPause, 2, longestPause + 200*time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			slots, after := reserveSlots(tt.next, now, tt.perSecond)
			require.Len(t, slots, tt.count)
			require.Equal(t, now.Add(tt.first), slots[0])
			require.Equal(t, now.Add(tt.after), after)
		})
	}
}

func TestRateLimit_IsBounded(t *testing.T) {
	for stored, want := range map[float64]float64{-1: 0, 0: 0, 1e-12: MinRate, 20: 20, 1e300: MaxRate} {
		var r rateLimit
		r.set(stored)
		require.InDelta(t, want, r.get(), 0, "%g", stored)
		if want > 0 {
			slots, after := reserveSlots(time.Time{}, time.Now(), r.get())
			require.LessOrEqual(t, len(slots), 20_000)
			require.True(t, after.After(slots[0]))
		}
	}
}

// A slot that was not used in time is not used later, when others have used theirs.
func TestRateLimit_SlotsExpire(t *testing.T) {
	now := time.Now()
	r := rateLimit{perSecond: 10, slots: []time.Time{now.Add(-time.Minute), now.Add(-time.Second), now}}
	slot, ok := r.take(now)
	require.True(t, ok)
	require.Equal(t, now, slot)
	_, ok = r.take(now)
	require.False(t, ok)
}
