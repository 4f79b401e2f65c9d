package xiexus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
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

// Reading a realtime task makes the relay query its upstream, whose rejection would fail it.
func TestWait_RealtimeTasksAreReadThroughTheBatchRoute(t *testing.T) {
	script := xiexustest.Completes(90*time.Second, video, xiexustest.Realtime)
	script.Ticker = passes
	t.Run("Wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			relay := newRelay(t)
			relay.Add("task", script)
			task, err := newClient(t, relay).Wait(t.Context(), "task")
			require.NoError(t, err)
			require.Equal(t, video, task.URL)
			sizes, single := batches(relay)
			require.Equal(t, 1, single, "the first read")
			require.Greater(t, len(sizes), 4)
		})
	})
	t.Run("without batches", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			relay := newRelay(t)
			relay.Add("task", script)
			_, err := newClient(t, relay).Wait(t.Context(), "task", xiexus.WithBatchSize(1))
			require.NoError(t, err)
			sizes, _ := batches(relay)
			require.Empty(t, sizes)
		})
	})
}

// The relay marks a realtime task as failed, without a reason, when its upstream rejects a
// read. Only a later read through the documented route shows that it has not failed.
func TestWait_RealtimeFailureMayNotBeFinal(t *testing.T) {
	rejected := xiexustest.Fault{UpstreamError: true}
	tests := []struct {
		name   string
		faults []xiexustest.Fault
		failed bool
	}{
		{"once", []xiexustest.Fault{rejected}, false},
		{"three times", []xiexustest.Fault{rejected, rejected, rejected}, false},
		{"each time", []xiexustest.Fault{rejected, rejected, rejected, rejected}, true},
	}
	for _, test := range tests {
		for _, options := range [][]xiexus.WaitOption{nil, {xiexus.WithBatchSize(1)}, {xiexus.WithInterval(time.Second, time.Second)}} {
			t.Run(test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					relay := newRelay(t)
					relay.Add("task", xiexustest.Completes(time.Minute, video, xiexustest.Realtime))
					relay.Fail("task", test.faults...)
					var statuses []string
					options := append(options, xiexus.WithProgress(func(task *xiexus.Task) { statuses = append(statuses, string(task.Status)) }))
					start := time.Now()
					task, err := newClient(t, relay).Wait(t.Context(), "task", options...)
					if test.failed {
						var failed *xiexus.TaskFailedError
						require.ErrorAs(t, err, &failed)
						require.Equal(t, xiexus.StatusFailed, task.Status)
						require.Equal(t, time.Minute, time.Since(start), "three retries in a minute")
						return
					}
					require.NoError(t, err)
					require.Equal(t, video, task.URL)
					require.NotContains(t, statuses, "failed")
				})
			})
		}
	}
	t.Run("with a reason", func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Fails(0, "unsafe", xiexustest.Stored))
		_, err := newClient(t, relay).Wait(t.Context(), "task")
		require.ErrorContains(t, err, "unsafe")
		require.Len(t, relay.Requests(), 1)
	})
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
