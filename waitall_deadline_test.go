package xiexus_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestWaitAll_RetryAfterMovesNoDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		for _, id := range []string{"a", "b", "c"} {
			relay.Add(id, endless)
		}
		relay.Fail("b", xiexustest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "120"})
		ids := func(yield func(string) bool) {
			for _, id := range []string{"a", "b", "c"} {
				if !yield(id) {
					return
				}
			}
			time.Sleep(2 * time.Second)
			relay.Add("late", endless)
			yield("late") // begins while all polls are paused
		}
		start := time.Now()
		got := collect(t, newClient(t, relay).WaitAll(t.Context(), ids, xiexus.WithMaxWait(5*time.Second), xiexus.WithConcurrency(1), xiexus.WithBatchSize(1)))
		require.Equal(t, 7*time.Second, time.Since(start))
		require.Len(t, got, 4)
		for id, outcome := range got {
			require.ErrorIs(t, outcome.Err, xiexus.ErrWaitTimeout, id)
			var waitErr *xiexus.WaitError
			require.ErrorAs(t, outcome.Err, &waitErr)
			require.Equal(t, 5*time.Second, waitErr.Elapsed, id)
		}
		require.Len(t, relay.Requests(), 2, "the 429 applies to all of them")
	})
}

func TestWaitAll_LastPollOfATaskThatWasHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		for _, id := range []string{"a", "b", "c"} {
			relay.Add(id, xiexustest.Completes(0, video))
		}
		for outcome := range newClient(t, relay).WaitAll(t.Context(), slices.Values([]string{"a", "b", "c"}),
			xiexus.WithConcurrency(1), xiexus.WithBatchSize(1), xiexus.WithMaxWait(5*time.Second)) {
			require.NoError(t, outcome.Err, "polled once more, although the deadline has passed")
			time.Sleep(time.Minute)
		}
		require.Len(t, relay.Requests(), 3)
	})
}

func TestWaitAll_PollsInTheOrderOfTheIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		ids := slices.Collect(numbered(20))
		for _, id := range ids {
			relay.Add(id, xiexustest.Completes(time.Minute, video, xiexustest.Stored))
		}
		got := collect(t, newClient(t, relay).WaitAll(t.Context(), slices.Values(ids), xiexus.WithConcurrency(1), xiexus.WithBatchSize(1)))
		require.Len(t, got, 20)
		for i, request := range relay.Requests()[:20] {
			require.True(t, strings.HasSuffix(request.Path, fmt.Sprint("/task_", i)), request.Path)
		}
	})
}

func TestWaitAll_WithoutASequence(t *testing.T) {
	for outcome := range newClient(t, newRelay(t)).WaitAll(t.Context(), nil) {
		require.ErrorContains(t, outcome.Err, "WaitAll: ")
		require.Empty(t, outcome.TaskID)
	}
}

func TestWait_LastErrorOfAPollThatTheDeadlineCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", endless)
		relay.Fail("task", xiexustest.Fault{Delay: time.Hour})
		_, err := newClient(t, relay).Wait(t.Context(), "task", xiexus.WithMaxWait(3*time.Second))
		require.ErrorIs(t, err, xiexus.ErrWaitTimeout)
		var waitErr *xiexus.WaitError
		require.ErrorAs(t, err, &waitErr)
		require.ErrorIs(t, waitErr.Last, xiexus.ErrUnavailable)
		require.ErrorContains(t, err, "no response before the deadline")
	})
}
