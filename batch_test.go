package xiexus_test

import (
	"bytes"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

const batchPath = "/suno/fetch"

// batches returns the sizes of the batches that the relay was asked for, and counts the
// reads of single tasks.
func batches(relay *xiexustest.Relay) (sizes []int, single int) {
	for _, request := range relay.Requests() {
		if request.Path == batchPath {
			sizes = append(sizes, len(request.TaskIDs))
		} else {
			single++
		}
	}
	return sizes, single
}

// relayWith returns a relay with n tasks.
func relayWith(t *testing.T, n int, script xiexustest.Script) *xiexustest.Relay {
	t.Helper()
	relay := newRelay(t)
	for id := range numbered(n) {
		relay.Add(id, script)
	}
	return relay
}

func TestWaitAll_ReadsTasksTogether(t *testing.T) {
	tests := []struct {
		name string
		size int
		want []int // of the first round
	}{
		{"by default", 100, []int{100, 100, 50}},
		{"another size", 200, []int{200, 50}},
		{"the largest", 1000, []int{250}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := relayWith(t, 250, xiexustest.Completes(100*time.Second, video, xiexustest.Stored))
				got := collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(250), xiexus.WithBatchSize(test.size)))
				require.Len(t, got, 250)
				for id, outcome := range got {
					require.NoError(t, outcome.Err, id)
					require.Equal(t, video, outcome.Task.URL)
				}
				sizes, single := batches(relay)
				require.ElementsMatch(t, test.want, sizes[:len(test.want)])
				require.LessOrEqual(t, len(sizes), 15*len(test.want))
				require.Zero(t, single)
			})
		})
	}
}

func TestWaitAll_WithoutBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 10, xiexustest.Completes(0, video))
		collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(10), xiexus.WithBatchSize(1)))
		sizes, single := batches(relay)
		require.Empty(t, sizes)
		require.Equal(t, 10, single)
	})
}

func TestWithBatchSize_Bounds(t *testing.T) {
	for _, size := range []int{0, -1, 1001, math.MaxInt} {
		for outcome := range newClient(t, newRelay(t)).WaitAll(t.Context(), numbered(1), xiexus.WithBatchSize(size)) {
			require.ErrorContains(t, outcome.Err, "WithBatchSize: n must be between 1 and 1000")
			require.Empty(t, outcome.TaskID)
		}
	}
}

// A relay that refuses batches is asked for one only once, and that shows in no error.
func TestWaitAll_BatchesRefused(t *testing.T) {
	for _, refusal := range xiexustest.AllBatchRefusals() {
		t.Run(string(refusal), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := relayWith(t, 30, xiexustest.Completes(time.Minute, video, xiexustest.Stored))
				relay.Add("task_0", xiexustest.Fails(time.Minute, "unsafe", xiexustest.Stored))
				relay.RefuseBatches(refusal)
				var log bytes.Buffer
				client := newClient(t, relay, xiexus.WithLogger(loggerTo(&log)))
				for range 2 {
					got := collect(t, client.WaitAll(t.Context(), numbered(30)))
					require.Len(t, got, 30)
					require.ErrorContains(t, got["task_0"].Err, `task "task_0" failed: unsafe`)
					delete(got, "task_0")
					for id, outcome := range got {
						require.NoError(t, outcome.Err, id)
					}
				}
				sizes, single := batches(relay)
				require.Equal(t, []int{30}, sizes)
				require.GreaterOrEqual(t, single, 30+30)
				require.Equal(t, 1, strings.Count(log.String(), "refuses to read many tasks"))
			})
		})
	}
}

// What passes does not turn batches off, nor end a wait.
func TestWaitAll_BatchesThatFail(t *testing.T) {
	tests := []struct {
		name   string
		faults []xiexustest.Fault
	}{
		{"rate limited", []xiexustest.Fault{{Status: http.StatusTooManyRequests, RetryAfter: "7"}}},
		{"rate limited, without advice", []xiexustest.Fault{{Status: http.StatusTooManyRequests}}},
		{"unavailable", []xiexustest.Fault{{Status: http.StatusServiceUnavailable}, {Status: http.StatusBadGateway}}},
		{"a page of a gateway", []xiexustest.Fault{{Status: http.StatusBadGateway, HTML: true}}},
		{"cut", []xiexustest.Fault{{Cut: true}}},
		{"connection lost", []xiexustest.Fault{{Reset: true}, {Reset: true}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := relayWith(t, 5, xiexustest.Completes(0, video))
				relay.FailBatches(test.faults...)
				got := collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(5)))
				require.Len(t, got, 5)
				for id, outcome := range got {
					require.NoError(t, outcome.Err, id)
				}
				sizes, single := batches(relay)
				require.Len(t, sizes, len(test.faults)+1)
				require.Zero(t, single)
			})
		})
	}
}

func TestWaitAll_WaitsOutlastARelayThatNeverWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 3, xiexustest.Completes(0, video))
		faults := make([]xiexustest.Fault, 1000)
		for i := range faults {
			faults[i] = xiexustest.Fault{Status: http.StatusServiceUnavailable}
		}
		relay.FailBatches(faults...)
		for id := range numbered(3) {
			relay.Fail(id, faults...)
		}
		start := time.Now()
		for id, outcome := range collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(3), xiexus.WithMaxWait(time.Hour))) {
			require.ErrorIs(t, outcome.Err, xiexus.ErrWaitTimeout, id)
			require.ErrorContains(t, outcome.Err, "503")
		}
		require.Equal(t, time.Hour, time.Since(start))
	})
}

// A batch never decides that a task does not exist.
func TestWaitAll_TasksThatABatchLeavesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 5, xiexustest.Completes(30*time.Second, video, xiexustest.Stored))
		leaveOut := handlerTransport(func(w http.ResponseWriter, req *http.Request) {
			if req.URL.Path == batchPath {
				_, _ = w.Write([]byte(`{"code":"success","message":"","data":null}`))
				return
			}
			relay.ServeHTTP(w, req)
		})
		client := newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: leaveOut}))
		for id, outcome := range collect(t, client.WaitAll(t.Context(), numbered(5))) {
			require.NoError(t, outcome.Err, id)
		}
		_, single := batches(relay)
		require.LessOrEqual(t, single, 5*6)
	})
}

func TestWaitAll_TasksThatDoNotExist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 3, xiexustest.Completes(time.Minute, video))
		start := time.Now()
		for outcome := range newClient(t, relay).WaitAll(t.Context(), numbered(5)) {
			if outcome.Err != nil {
				require.ErrorIs(t, outcome.Err, xiexus.ErrTaskNotFound)
				require.InDelta(t, 10*time.Second, time.Since(start), float64(time.Second))
			}
		}
		sizes, _ := batches(relay)
		require.Greater(t, len(sizes), 3, "the others are still read together")
	})
}

func TestWaitAll_InvalidIDsAreNeverPartOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 2, xiexustest.Completes(0, video))
		ids := func(yield func(string) bool) {
			_ = yield("task_0") && yield("") && yield("a/b") && yield("..") && yield(testKey) && yield("task_1")
		}
		got := collect(t, newClient(t, relay).WaitAll(t.Context(), ids))
		require.Len(t, got, 6)
		for _, id := range []string{"", "a/b", "..", testKey} {
			require.ErrorIs(t, got[id].Err, xiexus.ErrInvalidTaskID)
		}
		sizes, single := batches(relay)
		require.Equal(t, []int{2}, sizes)
		require.Zero(t, single)
	})
}

// Whether the key is wrong is for the documented route to say.
func TestWaitAll_BatchUnauthorized(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 3, xiexustest.Completes(time.Minute, video, xiexustest.Stored))
		relay.FailBatches(xiexustest.Fault{Status: http.StatusUnauthorized})
		for id, outcome := range collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(3))) {
			require.NoError(t, outcome.Err, id)
		}
		sizes, single := batches(relay)
		require.Greater(t, len(sizes), 2)
		require.Equal(t, 3, single)

		client := newClient(t, relay, xiexus.WithAPIKey("sk-another-key-of-the-user"))
		for id, outcome := range collect(t, client.WaitAll(t.Context(), numbered(3))) {
			require.ErrorIs(t, outcome.Err, xiexus.ErrUnauthorized, id)
		}
	})
}
