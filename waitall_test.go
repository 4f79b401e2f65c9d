package xiexus_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/fakerelay"
)

func TestWaitAllYieldsEachTaskAsItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		var ids []string
		for i := range 100 {
			id := fmt.Sprintf("task_%02d", i)
			ids = append(ids, id, id)
			relay.Add(id, fakerelay.Completes(time.Duration(100-i)*time.Second, video, fakerelay.Dialects[i%4]))
		}
		ids = append(ids, "nope", "a/b")
		start := time.Now()
		got := map[string]xiexus.Outcome{}
		for o := range newClient(t, relay).WaitAll(t.Context(), slices.Values(ids)) {
			require.NotContains(t, got, o.TaskID)
			got[o.TaskID] = o
		}
		require.Len(t, got, 102)
		require.ErrorIs(t, got["nope"].Err, xiexus.ErrTaskNotFound)
		require.ErrorIs(t, got["a/b"].Err, xiexus.ErrInvalidTaskID)
		require.NoError(t, got["task_00"].Err)
		require.NotEmpty(t, got["task_00"].Task.Raw)
		require.Less(t, time.Since(start), 120*time.Second)
	})
}
