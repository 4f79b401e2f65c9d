package xiexus_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// A Retry-After applies to the relay, not to a task.
func TestPollAll_RetryAfterPostponesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 250, endless)
		relay.FailBatches(xiexustest.Fault{}, xiexustest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "30"})
		later := xiexus.Cursor{TaskID: "task_0", NextAt: time.Now().Add(time.Minute).Round(0)}
		soon := xiexus.Cursor{TaskID: "task_1", NextAt: time.Now().Add(time.Second).Round(0)}
		over := xiexus.Cursor{TaskID: "task_2", Done: true}
		cursors := append([]xiexus.Cursor{later, soon, over}, cursorsOf(numbered(250))...)

		start := time.Now()
		got := newClient(t, relay).PollAll(t.Context(), cursors, xiexus.WithConcurrency(1))
		require.Zero(t, time.Since(start), "it does not sleep until the relay allows polls")
		require.Len(t, relay.Requests(), 2)
		until := start.Add(30 * time.Second)
		require.Equal(t, later, got[0].Cursor)
		require.True(t, got[1].Cursor.NextAt.Equal(until))
		require.Equal(t, over, got[2].Cursor)
		for i, polled := range got[3:] {
			require.True(t, polled.Cursor.NextAt.Equal(until), "task_%d", i)
			switch {
			case i < 100:
				require.NotNil(t, polled.Task)
			case i < 200:
				require.ErrorIs(t, polled.Err, xiexus.ErrRateLimited)
				require.Equal(t, 1, polled.Cursor.Attempts)
			default:
				require.NoError(t, polled.Err, "it was not polled")
				require.Zero(t, polled.Cursor.Attempts)
			}
		}
	})
}

func TestPollAll_BatchesRefused(t *testing.T) {
	for _, refusal := range xiexustest.AllBatchRefusals() {
		t.Run(string(refusal), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := relayWith(t, 30, storedTask(passes, xiexustest.Stored))
				relay.RefuseBatches(refusal)
				cursors := cursorsOf(numbered(30))
				for i, polled := range newClient(t, relay).PollAll(t.Context(), cursors) {
					require.NoError(t, polled.Err)
					require.NotNil(t, polled.Task)
					cursors[i] = stored(t, polled.Cursor)
				}
				sizes, single := batches(relay)
				require.Equal(t, []int{30}, sizes)
				require.Equal(t, 30, single)

				tasks := pollUntilDone(t, func() *xiexus.Client { return newClient(t, relay) }, cursors)
				require.Len(t, tasks, 30)
				sizes, _ = batches(relay)
				require.Equal(t, []int{30}, sizes, "the cursors carry it to another client")
			})
		})
	}
}

func TestPollAll_TasksThatABatchLeavesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 5, xiexustest.Completes(30*time.Second, video, xiexustest.Stored))
		sent := 0
		leaveOut := handlerTransport(func(w http.ResponseWriter, req *http.Request) {
			if req.URL.Path == batchPath {
				sent++
				_, _ = w.Write([]byte(`{"code":"success","message":"","data":null}`))
				return
			}
			relay.ServeHTTP(w, req)
		})
		client := newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: leaveOut}))
		for _, polled := range client.PollAll(t.Context(), cursorsOf(numbered(5))) {
			require.NoError(t, polled.Err)
			require.NotNil(t, polled.Task)
		}
		require.Equal(t, 1, sent)
		require.Len(t, relay.Requests(), 5)
		require.Len(t, pollUntilDone(t, func() *xiexus.Client { return client }, cursorsOf(numbered(5))), 5)
	})
}

// Whatever happens to batches, all tasks are completed in the end.
func TestPollAll_BatchRouteThatNeverWorks(t *testing.T) {
	for _, status := range []int{204, 301, 408, 413, 500, 501, 502, 503} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := relayWith(t, 3, xiexustest.Completes(10*time.Minute, video, xiexustest.Realtime))
				transport := handlerTransport(func(w http.ResponseWriter, req *http.Request) {
					if req.URL.Path == batchPath {
						w.WriteHeader(status)
						return
					}
					relay.ServeHTTP(w, req)
				})
				newProcess := func() *xiexus.Client {
					return newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: transport}))
				}
				cursors := cursorsOf(numbered(3))
				for start := time.Now(); time.Since(start) < 15*time.Minute; time.Sleep(time.Second) {
					for i, polled := range newProcess().PollAll(t.Context(), cursors) {
						if !cursors[i].Done && !cursors[i].NextAt.After(time.Now()) {
							require.Equal(t, cursors[i].Attempts+1, polled.Cursor.Attempts, "each that is due is polled")
						}
						cursors[i] = stored(t, polled.Cursor)
					}
				}
				for _, cursor := range cursors {
					require.True(t, cursor.Done, cursor.TaskID)
				}
			})
		})
	}
}

func TestPollAll_LargeResponses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := numbered(20)
		large := func(w http.ResponseWriter, read []string) {
			rows := make([]string, len(read))
			for i, id := range read {
				rows[i] = `{"task_id":"` + id + `","status":"IN_PROGRESS","x":"` + strings.Repeat("x", 1000) + `"}`
			}
			_, _ = w.Write([]byte(`{"code":"success","data":[` + strings.Join(rows, ",") + `]}`))
		}
		transport, received := fakeRoutes(large, func(w http.ResponseWriter, req *http.Request) { writeTask(w, req, "in_progress") })
		client := clientOf(t, nil, xiexus.WithHTTPClient(&http.Client{Transport: transport}), xiexus.WithMaxResponseSize(8000))
		for _, polled := range client.PollAll(t.Context(), cursorsOf(ids)) {
			require.NoError(t, polled.Err)
			require.NotNil(t, polled.Task)
		}
		require.Len(t, received(), 6, "20, 10, and four times 5")
	})
}

// The caller gets the errors, and need not find them in the log too.
func TestPollAll_LogsRequestsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 3, endless)
		relay.FailBatches(xiexustest.Fault{Status: http.StatusBadGateway})
		relay.Fail("task_0", xiexustest.Fault{Status: http.StatusBadGateway})
		var log bytes.Buffer
		client := newClient(t, relay, xiexus.WithLogger(loggerTo(&log)))
		for _, cursors := range [][]xiexus.Cursor{cursorsOf(numbered(3)), cursorsOf(numbered(1))} {
			for _, polled := range client.PollAll(t.Context(), cursors) {
				require.ErrorIs(t, polled.Err, xiexus.ErrUnavailable)
			}
		}
		require.Equal(t, 2, strings.Count(log.String(), "\n"), log.String())
	})
}

// A batch reports realtime tasks as stored, also those that only a rejected read has failed.
func TestPollAll_FailureWithoutReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 3, xiexustest.Completes(30*time.Second, video, xiexustest.Realtime))
		relay.Fail("task_1", xiexustest.Fault{UpstreamError: true})
		client := newClient(t, relay)
		_, err := client.Get(t.Context(), "task_1")
		require.NoError(t, err)
		for id, task := range pollUntilDone(t, func() *xiexus.Client { return client }, cursorsOf(numbered(3))) {
			require.NoError(t, task.Err(), id)
		}
	})
}
