package xiexus_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// revived is what another process makes of a stored cursor.
func revived(t *testing.T, cursor xiexus.Cursor) xiexus.Cursor {
	stored, err := json.Marshal(cursor)
	require.NoError(t, err)
	require.NotContains(t, string(stored), "sk-")
	require.NotContains(t, string(stored), "http")
	var decoded xiexus.Cursor
	require.NoError(t, json.Unmarshal(stored, &decoded))
	return decoded
}

func TestAWaitCanBeContinuedByAnotherProcessAtAnyStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		ticker := xiexustest.Ticker{Interval: 15 * time.Second, First: 7 * time.Second}
		relay.Add("task", stored(ticker, xiexustest.Stored))
		relay.Fail("task", xiexustest.Fault{}, xiexustest.Fault{Status: 502}, xiexustest.Fault{}, xiexustest.Fault{Status: 429, RetryAfter: "20"})
		started := time.Now()

		cursor := xiexus.NewCursor("task")
		for n := 1; ; n++ {
			due := cursor.NextAt
			task, next, err := newClient(t, relay).Poll(t.Context(), revived(t, cursor))
			require.Equal(t, n, next.Attempts)
			require.Equal(t, "task", next.TaskID)
			require.True(t, next.StartedAt.Equal(started))
			asked := relay.Requests()[n-1].At
			require.False(t, asked.Before(due), "never early")
			if next.Done {
				require.NoError(t, err)
				require.Equal(t, video, task.URL)
				break
			}
			require.Equal(t, err != nil, task == nil)
			require.GreaterOrEqual(t, next.NextAt.Sub(asked), time.Second)
			cursor = next
		}
		require.Less(t, time.Since(started), 100*time.Second, "it has kept in step all the way")
		require.Equal(t, 20*time.Second, askedAt(relay)[4]-askedAt(relay)[3])
	})
}

func TestPollSaysWhenThereIsNothingMoreToAsk(t *testing.T) {
	tests := []struct {
		name string
		id   string
		is   error
	}{
		{"not found", "nope", xiexus.ErrTaskNotFound},
		{"no id", "", xiexus.ErrInvalidTaskID},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			task, cursor, err := newClient(t, newRelay(t)).Poll(t.Context(), xiexus.NewCursor(test.id))
			require.Nil(t, task)
			require.ErrorIs(t, err, test.is)
			require.True(t, cursor.Done)
			require.True(t, revived(t, cursor).Done)
		})
	}
	t.Run("a failed task is no error of Poll", func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Fails(0, "unsafe"))
		task, cursor, err := newClient(t, relay).Poll(t.Context(), xiexus.NewCursor("task"))
		require.NoError(t, err)
		require.True(t, cursor.Done)
		require.Error(t, task.Err())
	})
}

func TestPollGivesTheCursorBackWhenItsContextEnds(t *testing.T) {
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
	})
}

func TestACursorOfAnotherReleaseIsUnderstood(t *testing.T) {
	var cursor xiexus.Cursor
	require.NoError(t, json.Unmarshal([]byte(`{"task_id":"task","attempts":3,"from_the_future":{}}`), &cursor))
	require.Equal(t, xiexus.Cursor{TaskID: "task", Attempts: 3}, cursor)
	require.Error(t, json.Unmarshal([]byte(`"nonsense"`), &cursor))
}

func TestWatchYieldsEachChangeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(100*time.Second, video, xiexustest.Stored, xiexustest.Realtime))
		relay.Fail("task", xiexustest.Fault{}, xiexustest.Fault{Reset: true})
		var statuses []string
		for task, err := range newClient(t, relay).Watch(t.Context(), "task", xiexus.WithInterval(time.Second, time.Second)) {
			require.NoError(t, err)
			status := string(task.Status)
			if task.Progress != nil {
				status += " " + string(rune('0'+*task.Progress/10))
			}
			statuses = append(statuses, status)
		}
		require.Subset(t, []string{"queued 0", "in_progress", "in_progress 1", "in_progress 3", "in_progress 6", "in_progress 8", "completed", "completed :"}, statuses)
		require.Less(t, len(statuses), 10)
		require.Contains(t, statuses[len(statuses)-1], "completed")
	})
}

func TestWatchEndsWithWhatWaitWouldReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("bad", xiexustest.Fails(0, "unsafe"))
		relay.Add("endless", endless)
		client := newClient(t, relay)
		last := func(id string) (task *xiexus.Task, err error) {
			for task, err = range client.Watch(t.Context(), id, xiexus.WithMaxWait(time.Minute)) {
			}
			return task, err
		}
		task, err := last("bad")
		var failed *xiexus.TaskFailedError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, xiexus.StatusFailed, task.Status)

		task, err = last("endless")
		require.ErrorIs(t, err, xiexus.ErrWaitTimeout)
		require.Equal(t, xiexus.StatusInProgress, task.Status)

		_, err = last("a/b")
		require.ErrorIs(t, err, xiexus.ErrInvalidTaskID)

		asked := len(relay.Requests())
		for range client.Watch(t.Context(), "endless") {
			break
		}
		time.Sleep(time.Hour)
		require.Len(t, relay.Requests(), asked+1, "a break ends it")
	})
}

func TestPollReadsRetryAfterOfAnyAnswer(t *testing.T) {
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
