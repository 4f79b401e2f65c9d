package xiexus_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// Where batches have worked, a page is that of a gateway, which passes.
func TestWaitAll_BatchesOutliveAGateway(t *testing.T) {
	pages := []xiexustest.Fault{
		{HTML: true}, {HTML: true, Status: http.StatusForbidden}, {HTML: true, Status: http.StatusNotFound},
		{Empty: true}, {Empty: true, Status: http.StatusMethodNotAllowed},
	}
	for _, page := range pages {
		t.Run(fmt.Sprintf("%+v", page), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := relayWith(t, 50, storedTask(xiexustest.Ticker{}))
				relay.FailBatches(xiexustest.Fault{}, page, xiexustest.Fault{}, page, page)
				got := collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(50)))
				require.Len(t, got, 50)
				_, single := batches(relay)
				require.Zero(t, single)
			})
		})
	}
}

// After an outage, a single read may pass just before a batch does.
func TestWaitAll_BatchesOutliveAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 50, storedTask(xiexustest.Ticker{}))
		outage := xiexustest.Fault{Status: http.StatusBadGateway, HTML: true}
		relay.FailBatches(xiexustest.Fault{}, outage, outage, outage, outage)
		got := collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(50)))
		require.Len(t, got, 50)
		_, single := batches(relay)
		require.Less(t, single, 30, "of the two tasks that were read on their own")
	})
}

// A relay, or a gateway, that has changed for good is recognized.
func TestWaitAll_BatchesThatStopWorking(t *testing.T) {
	for _, refusal := range xiexustest.AllBatchRefusals() {
		t.Run(string(refusal), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := relayWith(t, 50, xiexustest.Completes(10*time.Minute, video, xiexustest.Stored))
				var before int
				time.AfterFunc(time.Minute, func() {
					sizes, _ := batches(relay)
					before = len(sizes)
					relay.RefuseBatches(refusal)
				})
				got := collect(t, newClient(t, relay).WaitAll(t.Context(), numbered(50)))
				require.Len(t, got, 50)
				sizes, single := batches(relay)
				require.LessOrEqual(t, len(sizes)-before, 15)
				require.Greater(t, single, 50)
			})
		})
	}
}

// A read of a task on its own, after batches have failed, obeys their Retry-After too.
func TestBatches_RetryAfterAppliesToTheReadThatFollows(t *testing.T) {
	calls := map[string]func(*xiexus.Client, context.Context) iter.Seq[xiexus.Outcome]{
		"WaitAll": func(c *xiexus.Client, ctx context.Context) iter.Seq[xiexus.Outcome] {
			return c.WaitAll(ctx, numbered(3))
		},
		"GetAll": func(c *xiexus.Client, ctx context.Context) iter.Seq[xiexus.Outcome] {
			return c.GetAll(ctx, numbered(3))
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := relayWith(t, 3, xiexustest.Completes(0, video))
				outage := xiexustest.Fault{Status: http.StatusServiceUnavailable, RetryAfter: "60"}
				relay.FailBatches(outage, outage, outage, outage)
				got := collect(t, call(newClient(t, relay), t.Context()))
				require.Len(t, got, 3)
				for id, outcome := range got {
					require.NoError(t, outcome.Err, id)
				}
				requests := relay.Requests()
				for i := range 3 {
					require.GreaterOrEqual(t, requests[i+1].At.Sub(requests[i].At), time.Minute)
				}
			})
		})
	}
}
