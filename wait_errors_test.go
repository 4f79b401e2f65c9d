package xiexus_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestWait_MissingTask(t *testing.T) {
	t.Run("stored late", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			relay := newRelay(t)
			storing := time.AfterFunc(4*time.Second, func() { relay.Add("late", xiexustest.Completes(time.Second, video)) })
			defer storing.Stop()
			task, err := newClient(t, relay).Wait(t.Context(), "late")
			require.NoError(t, err)
			require.Equal(t, video, task.URL)
		})
	})
	t.Run("never stored", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			relay := newRelay(t)
			start := time.Now()
			task, err := newClient(t, relay).Wait(t.Context(), "tusk")
			require.Nil(t, task)
			require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
			require.ErrorContains(t, err, `"tusk"`)
			require.GreaterOrEqual(t, time.Since(start), 10*time.Second)
			require.Less(t, time.Since(start), 11*time.Second)
			require.Len(t, relay.Requests(), 4)
		})
	})
	t.Run("lost later", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			relay := newRelay(t)
			relay.Add("task", endless)
			relay.Fail("task", xiexustest.Fault{RetryAfter: "11"}, xiexustest.Fault{Status: 404})
			task, err := newClient(t, relay).Wait(t.Context(), "task")
			require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
			require.Equal(t, xiexus.StatusInProgress, task.Status)
			require.Len(t, relay.Requests(), 2, "only the first ten seconds are special")
		})
	})
}

func TestWait_PermanentErrors(t *testing.T) {
	tests := []struct {
		name  string
		fault xiexustest.Fault
		is    error
	}{
		{"400", xiexustest.Fault{Status: 400}, nil},
		{"403", xiexustest.Fault{Status: 403}, xiexus.ErrForbidden},
		{"404", xiexustest.Fault{Status: 404}, xiexus.ErrTaskNotFound},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", endless)
				relay.Fail("task", xiexustest.Fault{RetryAfter: "11"}, test.fault)

				task, err := newClient(t, relay).Wait(t.Context(), "task")
				require.Equal(t, xiexus.StatusInProgress, task.Status, "as last seen")
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
				var apiErr *xiexus.APIError
				require.ErrorAs(t, err, &apiErr)
				require.Equal(t, test.fault.Status, apiErr.StatusCode)
				var waitErr *xiexus.WaitError
				require.ErrorAs(t, err, &waitErr)
				require.Equal(t, "task", waitErr.TaskID)
				require.Same(t, task, waitErr.Task)
				require.Equal(t, 11*time.Second, waitErr.Elapsed)
				require.Equal(t, apiErr, waitErr.Last)
				require.Len(t, relay.Requests(), 2)
			})
		})
	}
}

func TestWait_KeyFunctionErrorEndsIt(t *testing.T) {
	sealed := errors.New("the vault is sealed")
	client := clientOf(t, func(http.ResponseWriter, *http.Request) { panic("nothing is sent") },
		xiexus.WithAPIKeyFunc(func(context.Context) (string, error) { return "", sealed }))
	_, err := client.Wait(t.Context(), "task")
	require.ErrorIs(t, err, sealed)
	require.ErrorAs(t, err, new(*xiexus.WaitError))

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	outcomes := 0
	for outcome := range client.WaitAll(ctx, slices.Values([]string{"a", "b", "c"})) {
		require.ErrorIs(t, outcome.Err, sealed)
		require.ErrorAs(t, outcome.Err, new(*xiexus.WaitError))
		outcomes++
	}
	require.Equal(t, 3, outcomes)
	require.NoError(t, ctx.Err())
}
