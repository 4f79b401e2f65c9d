package xiexus_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestGetAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 250, xiexustest.Completes(0, video))
		relay.Add("task_1", endless)
		relay.Add("task_2", xiexustest.Fails(0, "unsafe"))
		relay.FailBatches(xiexustest.Fault{Status: http.StatusServiceUnavailable})
		got := collect(t, newClient(t, relay).GetAll(t.Context(), numbered(251)))
		require.Len(t, got, 251)
		require.Equal(t, xiexus.StatusInProgress, got["task_1"].Task.Status)
		require.NoError(t, got["task_1"].Err)
		require.Equal(t, xiexus.StatusFailed, got["task_2"].Task.Status)
		require.NoError(t, got["task_2"].Err, "as for Get")
		require.ErrorIs(t, got["task_250"].Err, xiexus.ErrTaskNotFound)
		require.ErrorContains(t, got["task_250"].Err, `read task "task_250": `)
		require.Equal(t, xiexus.StatusCompleted, got["task_3"].Task.Status)
		sizes, single := batches(relay)
		require.Len(t, sizes, 3+1)
		require.Equal(t, 1, single)
	})
}

func TestGetAll_GivesUpAfterTheRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 3, endless)
		faults := make([]xiexustest.Fault, 100)
		for i := range faults {
			faults[i] = xiexustest.Fault{Status: http.StatusServiceUnavailable}
		}
		relay.FailBatches(faults...)
		for id := range numbered(3) {
			relay.Fail(id, faults...)
		}
		for id, outcome := range collect(t, newClient(t, relay, xiexus.WithMaxRetries(4)).GetAll(t.Context(), numbered(3))) {
			require.ErrorIs(t, outcome.Err, xiexus.ErrUnavailable, id)
			require.Nil(t, outcome.Task)
		}
		sizes, single := batches(relay)
		require.Len(t, sizes, 3)
		require.Equal(t, 3*3, single, "in case that only the batch route fails")
	})
}

func TestGetAll_ContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 3, endless)
		relay.FailBatches(xiexustest.Fault{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for id, outcome := range collect(t, newClient(t, relay).GetAll(ctx, numbered(3))) {
			require.ErrorIs(t, outcome.Err, context.DeadlineExceeded, id)
		}
	})
}

func TestGetAll_InvalidOption(t *testing.T) {
	client := newClient(t, newRelay(t))
	for outcome := range client.GetAll(t.Context(), numbered(3), xiexus.WithConcurrency(0)) {
		require.ErrorContains(t, outcome.Err, "WithConcurrency")
		require.Empty(t, outcome.TaskID)
	}
	for outcome := range client.GetAll(t.Context(), nil) {
		require.ErrorContains(t, outcome.Err, "GetAll: ")
	}
}

func ExampleClient_GetAll() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/1.mp4"))
	relay.Add("task_2", xiexustest.Fails(0, "unsafe prompt"))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	ids := func(yield func(string) bool) { _ = yield("task_1") && yield("task_2") }
	for outcome := range client.GetAll(context.Background(), ids) {
		if outcome.Err != nil {
			fmt.Println(outcome.Err)
			continue
		}
		fmt.Println(outcome.TaskID, outcome.Task.Status)
	}
	// Unordered output:
	// task_1 completed
	// task_2 failed
}
