package shared

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// longestPause bounds a pause, as the library bounds a Retry-After.
const longestPause = 2 * time.Minute

// Wait implements [xiexus.Limiter]: it blocks until a request may be sent.
func (s *State) Wait(ctx context.Context) error {
	for {
		s.waitForPause(ctx)
		if err := s.rate.wait(ctx); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if s.pass() {
			return nil
		}
	}
}

// pass counts a request, unless a pause has begun.
func (s *State) pass() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().Before(s.paused) {
		return false
	}
	s.requests++
	return true
}

func (s *State) waitForPause(ctx context.Context) {
	for ctx.Err() == nil {
		rest := time.Until(s.Paused())
		if rest <= 0 {
			return
		}
		_ = retry.Sleep(ctx, rest)
	}
}

// Paused returns until when no request may be sent; a time in the past if one may.
func (s *State) Paused() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.paused
}

func (s *State) pauseHere(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = laterPause(s.paused, until, time.Now())
}

// laterPause returns the later end of two pauses. Another clock may have written the second.
func laterPause(known, other, now time.Time) time.Time {
	if limit := now.Add(longestPause); other.After(limit) {
		other = limit
	}
	if other.After(known) {
		return other
	}
	return known
}

// Pause lets no worker send a request until a time, because the relay has requested it.
func (s *State) Pause(ctx context.Context, until time.Time) error {
	s.pauseHere(until)
	err := engine.Retry(ctx, func(ctx context.Context) error { return s.storePause(ctx) })
	if err != nil {
		return fmt.Errorf("pause the fleet: %w", err)
	}
	return nil
}

// storePause stores the pause, unless a longer one is stored. One that no worker with a right
// clock stores is replaced, or no other pause would be shared until it ends.
func (s *State) storePause(ctx context.Context) error {
	value, err := json.Marshal(s.Paused().UTC())
	if err != nil {
		return err
	}
	entry, err := s.bucket.Get(ctx, keyPause)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		_, err = s.bucket.Create(ctx, keyPause, value)
	case err == nil:
		var stored time.Time
		isPause := json.Unmarshal(entry.Value(), &stored) == nil && time.Until(stored) <= longestPause
		if isPause && !s.Paused().After(stored) {
			return nil
		}
		_, err = s.bucket.Update(ctx, keyPause, value, entry.Revision())
	}
	if engine.IsConflict(err) {
		return fmt.Errorf("changed by another worker: %v", err) //nolint:errorlint // to be tried again
	}
	return err
}
