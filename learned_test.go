package xiexus_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// passes are those of a relay every 15 s.
var passes = xiexustest.Ticker{Interval: 15 * time.Second, First: 7 * time.Second}

// The response to the request that created a task is its first reading.
func TestWait_TaskThatHasJustBeenCreated(t *testing.T) {
	tests := []struct {
		name string
		wait func(ctx context.Context, client *xiexus.Client, id string) error
	}{
		{"Wait", func(ctx context.Context, client *xiexus.Client, id string) error {
			_, err := client.Wait(ctx, id)
			return err
		}},
		{"WaitAll", func(ctx context.Context, client *xiexus.Client, id string) (err error) {
			for outcome := range client.WaitAll(ctx, func(yield func(string) bool) { yield(id) }) {
				err = errors.Join(err, outcome.Err)
			}
			return err
		}},
		{"Poll", func(ctx context.Context, client *xiexus.Client, id string) error {
			cursor := xiexus.NewCursor(id)
			for !cursor.Done {
				var err error
				if _, cursor, err = client.Poll(ctx, cursor); err != nil {
					return err
				}
			}
			return nil
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.OnCreate(func(xiexus.CreateRequest) xiexustest.Script { return storedTask(passes, xiexustest.Stored) })
				client := newClient(t, relay)
				task, err := client.Create(t.Context(), pianoCat)
				require.NoError(t, err)
				require.NoError(t, test.wait(t.Context(), client, task.TaskID))
				polls := polledAt(relay)[1:] // from the create request on
				require.Greater(t, polls[0], 22*time.Second)
				require.LessOrEqual(t, polls[0], 29*time.Second)
				require.LessOrEqual(t, len(polls), 8)
			})
		})
	}
	t.Run("with an interval of its own", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			relay := newRelay(t)
			client := newClient(t, relay)
			task, err := client.Create(t.Context(), pianoCat)
			require.NoError(t, err)
			_, _ = client.Wait(t.Context(), task.TaskID, xiexus.WithInterval(time.Second, 0), xiexus.WithMaxWait(10*time.Second))
			require.InDelta(t, time.Second, polledAt(relay)[1], float64(time.Second)/10)
		})
	})
	t.Run("long ago", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			relay := newRelay(t)
			client := newClient(t, relay)
			task, err := client.Create(t.Context(), pianoCat)
			require.NoError(t, err)
			time.Sleep(time.Minute)
			_, _ = client.Wait(t.Context(), task.TaskID, xiexus.WithMaxWait(10*time.Second))
			require.Equal(t, time.Minute, polledAt(relay)[1])
		})
	})
	t.Run("shortly before the deadline", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			relay := newRelay(t)
			client := newClient(t, relay)
			task, err := client.Create(t.Context(), pianoCat)
			require.NoError(t, err)
			_, err = client.Wait(t.Context(), task.TaskID, xiexus.WithMaxWait(10*time.Second))
			require.ErrorIs(t, err, xiexus.ErrWaitTimeout)
			require.Equal(t, 10*time.Second, polledAt(relay)[1], "one poll at the deadline")
		})
	})
	t.Run("Get", func(t *testing.T) {
		relay := newRelay(t)
		client := newClient(t, relay)
		task, err := client.Create(t.Context(), pianoCat)
		require.NoError(t, err)
		_, err = client.Get(t.Context(), task.TaskID)
		require.NoError(t, err)
		got := collect(t, client.GetAll(t.Context(), func(yield func(string) bool) { yield(task.TaskID) }))
		require.NoError(t, got[task.TaskID].Err)
	})
}

// What one wait has learned serves the next one, in this process or through a cursor in
// another.
func TestClient_LearnsTheBeatOfTheRelay(t *testing.T) {
	pollsOfSecond := func(t *testing.T, relay *xiexustest.Relay, first, second *xiexus.Client, cursor bool) []time.Duration {
		t.Helper()
		relay.Add("first", storedTask(passes, xiexustest.Stored))
		start := time.Now()
		var carried xiexus.Cursor
		c := xiexus.NewCursor("first")
		for !c.Done {
			var err error
			_, c, err = first.Poll(t.Context(), c)
			require.NoError(t, err)
			carried = c
		}
		time.Sleep(time.Until(start.Add(10 * passes.Interval))) // so that both tasks have the same passes
		relay.Add("second", storedTask(passes, xiexustest.Stored))
		added := time.Now()
		if cursor {
			carried.TaskID, carried.Done, carried.NextAt = "second", false, time.Time{}
			c = stored(t, carried)
		} else {
			c = xiexus.NewCursor("second")
		}
		for !c.Done {
			var err error
			_, c, err = second.Poll(t.Context(), c)
			require.NoError(t, err)
		}
		var polls []time.Duration
		for _, request := range relay.Requests() {
			if request.TaskIDs[0] == "second" {
				polls = append(polls, request.At.Sub(added))
			}
		}
		return polls
	}
	for _, cursor := range []bool{false, true} {
		t.Run(fmt.Sprintf("cursor %v", cursor), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				first := newClient(t, relay)
				second := first
				if cursor {
					second = newClient(t, relay)
				}
				polls := pollsOfSecond(t, relay, first, second, cursor)
				for _, poll := range polls[1:] {
					require.Less(t, (poll-passes.First)%passes.Interval, 2*time.Second)
				}
				require.LessOrEqual(t, len(polls), 9)
			})
		})
	}
}

func TestCursor_CarriesThatBatchesAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(2*time.Minute, video, xiexustest.Realtime))
		relay.RefuseBatches(xiexustest.BatchPage)
		cursor := xiexus.NewCursor("task")
		for !cursor.Done {
			var err error
			_, cursor, err = newClient(t, relay).Poll(t.Context(), stored(t, cursor)) // a new process for each poll
			require.NoError(t, err)
		}
		sizes, _ := batches(relay)
		require.Len(t, sizes, 1)
	})
}
