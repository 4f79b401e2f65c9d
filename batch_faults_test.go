package xiexus_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// fakeRoutes returns a transport of a relay with two routes, and a function that returns when
// each request was received.
func fakeRoutes(
	batch func(w http.ResponseWriter, ids []string), single http.HandlerFunc,
) (http.RoundTripper, func() []time.Time) {
	received := make(chan time.Time, 10_000)
	transport := handlerTransport(func(w http.ResponseWriter, req *http.Request) {
		received <- time.Now()
		if req.URL.Path != batchPath {
			single(w, req)
			return
		}
		var body struct {
			IDs []string `json:"ids"`
		}
		_ = json.NewDecoder(req.Body).Decode(&body)
		batch(w, body.IDs)
	})
	return transport, func() (all []time.Time) {
		for len(received) > 0 {
			all = append(all, <-received)
		}
		return all
	}
}

// limited is a response that asks for 30 seconds.
func limited(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "30")
	w.WriteHeader(http.StatusTooManyRequests)
	_, _ = io.WriteString(w, `{"error":{"message":"rate limit exceeded for POST `+batchPath+`"}}`)
}

func TestWaitAll_RateLimitThatNamesTheBatchRoute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 50, xiexustest.Completes(0, video))
		relay.FailBatches(xiexustest.Fault{
			Status: http.StatusTooManyRequests, RetryAfter: "30", Body: "rate limit exceeded for POST " + batchPath,
		})
		collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(50)))
		require.Equal(t, []time.Duration{0, 30 * time.Second}, polledAt(relay))
	})
}

// A Retry-After delays the other tasks even if the one that received it is not retried.
func TestGetAll_RetryAfterOfTheLastAttempt(t *testing.T) {
	for _, retries := range []int{0, 2} {
		t.Run(strconv.Itoa(retries), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport, received := fakeRoutes(
					func(w http.ResponseWriter, _ []string) { limited(w) },
					func(w http.ResponseWriter, _ *http.Request) { limited(w) },
				)
				client := clientOf(t, nil, xiexus.WithHTTPClient(&http.Client{Transport: transport}), xiexus.WithMaxRetries(retries))
				got := collect(t, client.GetAll(t.Context(), numbered(10), xiexus.WithConcurrency(1), xiexus.WithBatchSize(2)))
				require.Len(t, got, 10)
				all := received()
				for i := 1; i < len(all); i++ {
					require.GreaterOrEqual(t, all[i].Sub(all[i-1]), 30*time.Second)
				}
			})
		})
	}
}

// A batch reports realtime tasks as stored, also those that only a rejected read has failed.
func TestWaitAll_FailureWithoutReasonInABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 3, xiexustest.Completes(30*time.Second, video, xiexustest.Realtime))
		relay.Fail("task_1", xiexustest.Fault{UpstreamError: true})
		client := newClient(t, relay)
		_, err := client.Get(t.Context(), "task_1")
		require.NoError(t, err)
		for id, outcome := range collect(t, client.WaitAll(t.Context(), numbered(3))) {
			require.NoError(t, outcome.Err, id)
		}
	})
}

// A batch that leaves realtime tasks out is not repeated for each of them.
func TestWaitAll_RealtimeTasksThatABatchLeavesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 2, xiexustest.Completes(time.Minute, video, xiexustest.Realtime))
		transport := handlerTransport(func(w http.ResponseWriter, req *http.Request) {
			recorder := httptest.NewRecorder()
			relay.ServeHTTP(recorder, req)
			if req.URL.Path == batchPath {
				_, _ = io.WriteString(w, `{"code":"success","message":"","data":null}`)
				return
			}
			_, _ = recorder.Body.WriteTo(w)
		})
		client := newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: transport}))
		collect(t, client.WaitAll(t.Context(), numbered(2)))
		sizes, _ := batches(relay)
		require.Equal(t, []int{2, 2}, sizes)
	})
}

// While the upstream of a realtime task fails, relays may report the task as stored.
func TestWait_RealtimeTaskThatIsReportedAsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := `{"code":"success","data":{"task_id":"task","status":%q,"url":%q,"format":"mp4"}}`
		stored := `{"code":"success","data":{"task_id":"task","status":"FAILURE","submit_time":946684800,"updated_at":946684805}}`
		bodies := []string{
			fmt.Sprintf(live, "processing", ""), fmt.Sprintf(live, "failed", ""), stored, stored, fmt.Sprintf(live, "succeeded", video),
		}
		client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
			if req.URL.Path == batchPath {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			_, _ = io.WriteString(w, bodies[0])
			bodies = bodies[1:]
		})
		task, err := client.Wait(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, video, task.URL)
	})
}

// Relays and gateways respond in many ways to a route that they do not have. Tasks must not
// depend on it.
func TestBatchRouteThatNeverWorks(t *testing.T) {
	for _, status := range []int{204, 301, 408, 413, 500, 501, 502, 503} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := relayWith(t, 3, xiexustest.Completes(10*time.Minute, video, xiexustest.Realtime))
				transport := handlerTransport(func(w http.ResponseWriter, req *http.Request) {
					if req.URL.Path == batchPath {
						w.WriteHeader(status)
						return
					}
					relay.ServeHTTP(w, req)
				})
				client := newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: transport}))
				for id, outcome := range collect(t, client.GetAll(t.Context(), numbered(3))) {
					require.NoError(t, outcome.Err, id)
				}
				for id, outcome := range collect(t, client.WaitAll(t.Context(), numbered(3))) {
					require.NoError(t, outcome.Err, id)
				}
				relay.Add("task", xiexustest.Completes(10*time.Minute, video, xiexustest.Realtime))
				_, err := client.Wait(t.Context(), "task")
				require.NoError(t, err)
			})
		})
	}
}

// A slow relay must not lose tasks that are completed because others reach their deadline
// while a batch is on its way.
func TestWaitAll_DeadlinesOfOthersAndASlowRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		slow := make([]xiexustest.Fault, 2000)
		for i := range slow {
			slow[i].Delay = 3 * time.Second
		}
		relay.FailBatches(slow...)
		isStuck := func(id string) bool { return strings.ContainsAny(id[len(id)-1:], "13579") }
		ids := func(yield func(string) bool) {
			for id := range numbered(600) {
				script := xiexustest.Completes(time.Minute, video, xiexustest.Stored)
				if isStuck(id) {
					script = endless
				}
				relay.Add(id, script)
				if !yield(id) {
					return
				}
				time.Sleep(time.Second)
			}
		}
		for id, outcome := range collect(t, newClient(t, relay).WaitAll(t.Context(), ids, xiexus.WithMaxWait(2*time.Minute))) {
			if isStuck(id) {
				require.ErrorIs(t, outcome.Err, xiexus.ErrWaitTimeout, id)
			} else {
				require.NoError(t, outcome.Err, id)
			}
		}
	})
}
