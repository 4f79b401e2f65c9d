package worker

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/order"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/internal/requestfile"
	"github.com/xiexus/xiexus-go/xiexustest"
)

const requestKey = "00112233445566778899aabbccddeeff"

// putRequest puts a create request into the queue.
func putRequest(t *testing.T, w *Worker) {
	requests, _ := requestfile.Parse(`{"model":"m","prompt":"a cat"}`)
	data, err := order.Order{Key: requestKey, Fields: requests[0].Fields}.Encode()
	require.NoError(t, err)
	_, err = w.engine.PublishOnce(t.Context(), w.engine.Creates, w.engine.Subjects.Create+requestKey, data)
	require.NoError(t, err)
}

func putClaim(t *testing.T, w *Worker, claim order.Claim) {
	data, err := claim.Encode()
	require.NoError(t, err)
	_, err = w.engine.Claims.Create(t.Context(), requestKey, data)
	require.NoError(t, err)
}

func queued(t *testing.T, w *Worker) int {
	info, err := w.engine.Creates.Info(t.Context())
	require.NoError(t, err)
	return int(info.State.Msgs)
}

func createAll(t *testing.T, w *Worker) {
	w.create(t.Context(), w.take(t.Context(), w.engine.CreateQueue, createTake))
}

func TestCreate_WaitsForTheTask(t *testing.T) {
	w, relay := newWorker(t)
	putRequest(t, w)
	createAll(t, w)
	require.Len(t, relay.Created(), 1)
	require.Zero(t, queued(t, w))
	shards := w.load(t.Context(), w.take(t.Context(), w.engine.WaitQueue, 1))
	require.Equal(t, relay.Created(), shards[0].TaskIDs)
	require.Equal(t, requestKey, shards[0].Requests[relay.Created()[0]])
	require.Greater(t, time.Until(shards[0].cursors()[0].NextAt), 15*time.Second, "a new task is not polled at once")
}

// Another worker, or this one before a restart, has begun to send the request.
func TestCreate_ClaimedBefore(t *testing.T) {
	tests := []struct {
		name          string
		claim         order.Claim
		queued, waits int
		kind          string
	}{
		{"and may be sending it now", order.Claim{State: order.Submitting, Worker: "x", At: time.Now()}, 1, 0, ""},
		{"and was killed", order.Claim{State: order.Submitting, Worker: "x", At: time.Now().Add(-time.Hour)}, 0, 0, outcome.KindUncertain},
		{"and created the task", order.Claim{State: order.Created, TaskID: "task_1"}, 0, 1, ""},
		{"and it was rejected", order.Claim{State: order.Rejected, Error: "400"}, 0, 0, outcome.KindRejected},
		{"and lost the response", order.Claim{State: order.Uncertain, Error: "reset"}, 0, 0, outcome.KindUncertain},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, relay := newWorker(t)
			putRequest(t, w)
			putClaim(t, w, tt.claim)
			createAll(t, w)
			require.Empty(t, relay.Requests(), "it is never sent again")
			require.Equal(t, tt.queued, queued(t, w))
			require.Equal(t, tt.waits, waiting(t, w))
			kind := ""
			for _, r := range stored(t, w) {
				require.Equal(t, requestKey, r.Request)
				kind = r.Error.Kind
			}
			require.Equal(t, tt.kind, kind)
		})
	}
}

// A request that was provably not accepted is sent again later.
func TestCreate_NotAcceptedYet(t *testing.T) {
	w, relay := newWorker(t)
	relay.FailCreates(xiexustest.Fault{Status: 429, RetryAfter: "60"})
	putRequest(t, w)
	createAll(t, w)
	require.Empty(t, relay.Created())
	require.Greater(t, time.Until(w.state.Paused()), 50*time.Second)
	require.Equal(t, 1, queued(t, w))
	_, err := w.readClaim(t.Context(), requestKey)
	require.Error(t, err, "the claim is given up")
	require.Empty(t, stored(t, w))
}

func TestRetryLater(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"accepted", nil, false},
		{"uncertain", &xiexus.CreateUncertainError{}, false},
		{"rejected", xiexus.ErrInvalidRequest, false},
		{"no quota", xiexus.ErrQuotaExceeded, false},
		{"no channel for the model", fmt.Errorf("%w: %w", xiexus.ErrModelUnavailable, xiexus.ErrUnavailable), false},
		{"a wrong key", xiexus.ErrUnauthorized, true},
		{"too many requests", xiexus.ErrRateLimited, true},
		{"overloaded", xiexus.ErrUnavailable, true},
		{"not sent before the worker stopped", context.Canceled, true},
		{"anything else", errors.New("x"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, again := retryLater(tt.err)
			require.Equal(t, tt.want, again)
		})
	}
}
