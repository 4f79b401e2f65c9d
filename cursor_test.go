package xiexus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// stored returns what another process decodes from a stored cursor.
func stored(t *testing.T, cursor xiexus.Cursor) xiexus.Cursor {
	encoded, err := json.Marshal(cursor)
	require.NoError(t, err)
	require.NotContains(t, string(encoded), "sk-")
	require.NotContains(t, string(encoded), "http")
	var decoded xiexus.Cursor
	require.NoError(t, json.Unmarshal(encoded, &decoded))
	return decoded
}

func TestPoll_AnotherProcessResumesAtEveryStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		ticker := xiexustest.Ticker{Interval: 15 * time.Second, First: 7 * time.Second}
		relay.Add("task", storedTask(ticker, xiexustest.Stored))
		relay.Fail("task", xiexustest.Fault{}, xiexustest.Fault{Status: 502}, xiexustest.Fault{}, xiexustest.Fault{Status: 429, RetryAfter: "20"})
		started := time.Now()

		cursor := xiexus.NewCursor("task")
		for n := 1; ; n++ {
			due := cursor.NextAt
			task, next, err := newClient(t, relay).Poll(t.Context(), stored(t, cursor))
			require.Equal(t, stored(t, next).NextAt.UnixNano(), next.NextAt.UnixNano())
			require.NotContains(t, next.NextAt.String(), "m=", "no monotonic clock: it may be stored")
			require.Equal(t, n, next.Attempts)
			require.Equal(t, "task", next.TaskID)
			require.True(t, next.StartedAt.Equal(started))
			polled := relay.Requests()[n-1].At
			require.False(t, polled.Before(due), "not before it is due")
			if next.Done {
				require.NoError(t, err)
				require.Equal(t, video, task.URL)
				break
			}
			require.Equal(t, err != nil, task == nil)
			require.GreaterOrEqual(t, next.NextAt.Sub(polled), time.Second)
			cursor = next
		}
		require.Less(t, time.Since(started), 100*time.Second, "it has followed the ticker")
		require.Equal(t, 20*time.Second, polledAt(relay)[4]-polledAt(relay)[3])
	})
}

// Between two polls the clock is set, or another machine with another clock takes over.
func TestPoll_ResumesAfterTheClockWasSet(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, by := range []time.Duration{time.Hour, -time.Hour, 6 * time.Hour, -6 * time.Hour, 10 * year, -10 * year} {
		t.Run(by.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", storedTask(xiexustest.Ticker{Interval: 15 * time.Second}, xiexustest.Stored))
				cursor := xiexus.NewCursor("task")
				var err error
				for range 2 {
					_, cursor, err = newClient(t, relay).Poll(t.Context(), stored(t, cursor))
					require.NoError(t, err)
				}
				cursor.StartedAt, cursor.NextAt = cursor.StartedAt.Add(-by), cursor.NextAt.Add(-by)
				for !cursor.Done {
					began := time.Now()
					_, cursor, err = newClient(t, relay).Poll(t.Context(), stored(t, cursor))
					require.NoError(t, err)
					require.LessOrEqual(t, time.Since(began), 2*time.Minute)
				}
				require.LessOrEqual(t, len(relay.Requests()), 12)
			})
		})
	}
}

func TestPoll_Done(t *testing.T) {
	t.Run("missing task", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			client := newClient(t, newRelay(t))
			task, cursor, err := client.Poll(t.Context(), xiexus.NewCursor("nope"))
			require.Nil(t, task)
			require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
			require.False(t, cursor.Done, "the relay may not have stored it yet")

			time.Sleep(10 * time.Second)
			_, cursor, err = client.Poll(t.Context(), stored(t, cursor))
			require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
			require.True(t, cursor.Done)
			require.True(t, stored(t, cursor).Done)
		})
	})
	t.Run("invalid id", func(t *testing.T) {
		relay := newRelay(t)
		task, cursor, err := newClient(t, relay).Poll(t.Context(), xiexus.NewCursor(""))
		require.Nil(t, task)
		require.ErrorIs(t, err, xiexus.ErrInvalidTaskID)
		require.Equal(t, xiexus.Cursor{Done: true}, cursor)
		require.Empty(t, relay.Requests())
	})
	t.Run("failed task", func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Fails(0, "unsafe"))
		task, cursor, err := newClient(t, relay).Poll(t.Context(), xiexus.NewCursor("task"))
		require.NoError(t, err)
		require.True(t, cursor.Done)
		require.ErrorContains(t, task.Err(), "unsafe")
	})
}

func TestPoll_ReturnsTheCursorUnchangedWhenTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", endless)
		client := newClient(t, relay)
		_, cursor, err := client.Poll(t.Context(), xiexus.NewCursor("task"))
		require.NoError(t, err)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, same, err := client.Poll(ctx, cursor)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, cursor, same)
		require.Len(t, relay.Requests(), 1)

		relay.Fail("task", xiexustest.Fault{Delay: time.Hour})
		ctx, cancel = context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, same, err = client.Poll(ctx, cursor)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, cursor, same)
		require.Len(t, relay.Requests(), 2)
	})
}

func TestPoll_RetryAfterOfAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "33")
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		_, cursor, err := client.Poll(t.Context(), xiexus.NewCursor("task"))
		require.ErrorIs(t, err, xiexus.ErrUnavailable)
		require.False(t, cursor.Done)
		require.Equal(t, 33*time.Second, time.Until(cursor.NextAt))
	})
}

func TestCursor_OfAnotherRelease(t *testing.T) {
	var cursor xiexus.Cursor
	require.NoError(t, json.Unmarshal([]byte(`{"task_id":"task","attempts":3,"from_the_future":{}}`), &cursor))
	require.Equal(t, xiexus.Cursor{TaskID: "task", Attempts: 3}, cursor)
	require.Error(t, json.Unmarshal([]byte(`"nonsense"`), &cursor))

	// As release 0.1.0 stored it, in step with a ticker of 15 s.
	const earlier = `{"task_id":"task","started_at":"2026-11-25T12:00:00Z","next_at":"2026-11-25T12:00:31Z","attempts":4,
		"submitted_at":"2026-11-25T11:59:59Z","pace":{"asked":4,"failures":1,"live":1,"steps":{"tick":1795608015,"period":15,"gap":15,"same":2}}}`
	require.NoError(t, json.Unmarshal([]byte(earlier), &cursor))
	require.Equal(t, 4, cursor.Attempts)
	require.Equal(t, "2026-11-25T12:00:31Z", cursor.NextAt.Format(time.RFC3339))
	encoded, err := json.Marshal(cursor)
	require.NoError(t, err)
	require.JSONEq(t, `{"task_id":"task","started_at":"2026-11-25T12:00:00Z","next_at":"2026-11-25T12:00:31Z","attempts":4,
		"pace":{"asked":4,"failures":1}}`, string(encoded), "what the ticker was is learned again")
}

func TestPoll_CursorThatIsDone(t *testing.T) {
	relay := newRelay(t)
	cursor := xiexus.Cursor{TaskID: "task", Attempts: 3, Done: true}
	task, same, err := newClient(t, relay).Poll(t.Context(), cursor)
	require.NoError(t, err)
	require.Nil(t, task)
	require.Equal(t, cursor, same)
	require.Empty(t, relay.Requests())
}

// Another clock may have written the cursor.
func TestPoll_NextAtFarInTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(0, video))
		start := time.Now()
		task, _, err := newClient(t, relay).Poll(t.Context(), xiexus.Cursor{TaskID: "task", Attempts: 1, NextAt: time.Now().AddDate(10, 0, 0)})
		require.NoError(t, err)
		require.Equal(t, xiexus.StatusCompleted, task.Status)
		require.LessOrEqual(t, time.Since(start), 2*time.Minute)
	})
}

func TestPoll_CursorThatWasTamperedWith(t *testing.T) {
	for _, number := range []int64{-1, math.MaxInt64, math.MinInt64} {
		synctest.Test(t, func(t *testing.T) {
			relay := newRelay(t)
			relay.Add("task", storedTask(passes, xiexustest.Stored))
			encoded := fmt.Sprintf(`{"task_id":"task","attempts":-7,"missed":%[1]d,"no_batches":true,
				"pace":{"visited":%[1]d,"realtime":true,"beat":{"phase":%[1]d,"low":%[1]d,"high":%[1]d}}}`, number)
			var cursor xiexus.Cursor
			require.NoError(t, json.Unmarshal([]byte(encoded), &cursor))
			client := newClient(t, relay)
			start := time.Now()
			for !cursor.Done {
				var err error
				_, cursor, err = client.Poll(t.Context(), cursor)
				require.NoError(t, err)
			}
			require.Less(t, time.Since(start), 110*time.Second)
		})
	}
}
