package shared_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shared"
	"github.com/xiexus/xiexus-go/xiexustest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const waitTime, tickTime = 30 * time.Second, 20 * time.Millisecond

// twoWorkers returns what two workers know of one fleet, and follow.
func twoWorkers(t *testing.T) (a, b *shared.State) {
	e, err := engine.Open(t.Context(), engine.Config{Store: t.TempDir(), Name: "fleet", Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	states := make([]*shared.State, 2)
	for i := range states {
		states[i] = shared.New(e.State, slog.New(slog.DiscardHandler))
		running.Go(func() { states[i].Run(ctx) })
	}
	t.Cleanup(func() {
		cancel()
		running.Wait()
		e.Close()
	})
	return states[0], states[1]
}

func TestState_BindsAFleetToOneRelay(t *testing.T) {
	a, b := twoWorkers(t)
	require.NoError(t, a.Bind(t.Context(), "https://relay.example.com/"))
	require.NoError(t, b.Bind(t.Context(), "https://relay.example.com/"))
	require.ErrorIs(t, b.Bind(t.Context(), "https://other.example.com/"), shared.ErrOtherRelay)
	require.NoError(t, a.Bind(t.Context(), "https://relay.example.com/"), "nothing has changed")
}

func TestState_APauseHoldsForAllWorkers(t *testing.T) {
	a, b := twoWorkers(t)
	until := time.Now().Add(time.Minute)
	require.NoError(t, a.Pause(t.Context(), until))
	require.NoError(t, a.Pause(t.Context(), until.Add(-30*time.Second)), "a shorter one changes nothing")
	for _, s := range []*shared.State{a, b} {
		require.Eventually(t, func() bool { return s.Paused().Equal(until) }, waitTime, tickTime)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		require.ErrorIs(t, s.Wait(ctx), context.DeadlineExceeded)
		cancel()
		require.Zero(t, s.Requests())
	}
}

func TestState_APauseEnds(t *testing.T) {
	a, b := twoWorkers(t)
	require.NoError(t, a.Pause(t.Context(), time.Now().Add(300*time.Millisecond)))
	require.NoError(t, a.Wait(t.Context()))
	require.False(t, time.Now().Before(a.Paused()))
	require.NoError(t, b.Wait(t.Context()))
	require.EqualValues(t, 1, b.Requests())
}

// A pause that another clock has written does not stop the fleet for long.
func TestState_APauseIsBounded(t *testing.T) {
	a, b := twoWorkers(t)
	require.NoError(t, a.Pause(t.Context(), time.Now().Add(24*time.Hour)))
	require.Eventually(t, func() bool { return b.Paused().After(time.Now()) }, waitTime, tickTime)
	for _, s := range []*shared.State{a, b} {
		require.Less(t, time.Until(s.Paused()), 3*time.Minute)
	}
}

// Nor does it keep others from being shared.
func TestState_APauseReplacesOneOfAWrongClock(t *testing.T) {
	e, err := engine.Open(t.Context(), engine.Config{Store: t.TempDir(), Name: "fleet", Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer e.Close()
	_, err = e.State.Put(t.Context(), "pause", []byte(`"2999-01-01T00:00:00Z"`))
	require.NoError(t, err)
	until := time.Now().Add(time.Minute)
	require.NoError(t, shared.New(e.State, slog.New(slog.DiscardHandler)).Pause(t.Context(), until))
	other := shared.New(e.State, slog.New(slog.DiscardHandler))
	require.NoError(t, other.Load(t.Context()))
	require.True(t, other.Paused().Equal(until))
}

func TestState_TheRateLimitHoldsForAllWorkersTogether(t *testing.T) {
	a, b := twoWorkers(t)
	const perSecond = 100
	require.NoError(t, a.SetRate(t.Context(), perSecond))
	require.Eventually(t, func() bool { return b.Rate() == perSecond }, waitTime, tickTime)
	started := time.Now()
	var sending sync.WaitGroup
	for range 25 {
		for _, s := range []*shared.State{a, b} {
			sending.Go(func() { _ = s.Wait(t.Context()) })
		}
	}
	sending.Wait()
	elapsed := time.Since(started)
	sent := a.Requests() + b.Requests()
	require.EqualValues(t, 50, sent)
	require.GreaterOrEqual(t, elapsed, 49*time.Second/perSecond, "no faster than the limit")

	require.NoError(t, b.SetRate(t.Context(), 0))
	require.Eventually(t, func() bool { return a.Rate() == 0 }, waitTime, tickTime)
	require.NoError(t, a.Wait(t.Context()))
}

func TestState_WhatOneWorkerLearnsReachesTheOther(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	relay.RefuseBatches(xiexustest.BatchForbidden)
	relay.Add("a", xiexustest.Completes(0, "", xiexustest.Stored))
	relay.Add("b", xiexustest.Completes(0, "", xiexustest.Stored))
	server := httptest.NewServer(relay)
	defer server.Close()
	newClient := func() *xiexus.Client {
		client, err := xiexus.New(xiexus.WithAPIKey(relay.APIKey()), xiexus.WithBaseURL(server.URL))
		require.NoError(t, err)
		return client
	}
	a, b := twoWorkers(t)
	first, second := newClient(), newClient()
	var received atomic.Bool
	b.OnLearned(func(learned xiexus.Learned) {
		second.Learn(learned)
		received.Store(true)
	})
	first.PollAll(t.Context(), []xiexus.Cursor{xiexus.NewCursor("a"), xiexus.NewCursor("b")})
	before := len(relay.Requests())
	a.ShareLearned(t.Context(), first)
	require.Eventually(t, received.Load, waitTime, tickTime)
	second.PollAll(t.Context(), []xiexus.Cursor{xiexus.NewCursor("a"), xiexus.NewCursor("b")})
	require.Len(t, relay.Requests(), before+2, "no batch is tried again")
}
