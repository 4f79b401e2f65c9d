// Package shared is what all workers of a fleet know: the limit of their requests, until
// when a relay forbids them, and what they have learned about it.
package shared

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// The keys of the bucket.
const (
	keyPause   = "pause"   // until when no request may be sent
	keyRate    = "rate"    // the limit of all workers together
	keySlots   = "slots"   // when the next request may be sent, if there is a limit
	keyLearned = "learned" // what a client has learned about the relay
)

// State is the bucket, with the last values seen of it. It is a [xiexus.Limiter].
type State struct {
	bucket jetstream.KeyValue
	logger *slog.Logger
	learn  func(xiexus.Learned)
	rate   rateLimit

	mu       sync.Mutex
	paused   time.Time // until when
	requests int64

	learned       []byte // as stored
	learnedAt     time.Time
	learnedNumber uint64 // the revision
}

// New returns the state in a bucket. Call [State.Run] to follow it.
func New(bucket jetstream.KeyValue, logger *slog.Logger) *State {
	return &State{bucket: bucket, logger: logger, learn: func(xiexus.Learned) {}, rate: newRateLimit(bucket)}
}

// OnLearned sets the function that receives what other workers have learned. It must be
// called before Run.
func (s *State) OnLearned(learn func(xiexus.Learned)) { s.learn = learn }

// Load reads all values once.
func (s *State) Load(ctx context.Context) error {
	for _, key := range []string{keyPause, keyRate, keyLearned} {
		err := engine.Retry(ctx, func(ctx context.Context) error {
			entry, err := s.bucket.Get(ctx, key)
			if err == nil {
				s.see(entry)
			}
			return err
		})
		if err != nil && !errors.Is(err, jetstream.ErrKeyNotFound) {
			return fmt.Errorf("read the state of the fleet: %w", err)
		}
	}
	return nil
}

// Run follows what other workers write, until ctx ends.
func (s *State) Run(ctx context.Context) {
	const pause = time.Second
	for ctx.Err() == nil {
		if err := s.follow(ctx); err != nil && ctx.Err() == nil {
			s.logger.Debug("cannot follow the state of the fleet", "error", err)
		}
		_ = retry.Sleep(ctx, pause)
	}
}

func (s *State) follow(ctx context.Context) error {
	watcher, err := s.bucket.WatchFiltered(ctx, []string{keyPause, keyRate, keyLearned})
	if err != nil {
		return err
	}
	defer func() { _ = watcher.Stop() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case entry, open := <-watcher.Updates():
			if !open {
				return errors.New("the watcher ended")
			}
			if entry != nil { // nil follows the initial values
				s.see(entry)
			}
		}
	}
}

// see takes a value that somebody has written. Whatever it is, it only delays requests.
func (s *State) see(entry jetstream.KeyValueEntry) {
	isSet := entry.Operation() == jetstream.KeyValuePut
	switch entry.Key() {
	case keyPause:
		var until time.Time
		if isSet && json.Unmarshal(entry.Value(), &until) == nil {
			s.pauseHere(until)
		}
	case keyRate:
		var perSecond float64
		if !isSet || json.Unmarshal(entry.Value(), &perSecond) == nil {
			s.rate.set(perSecond)
		}
	case keyLearned:
		s.seeLearned(entry)
	}
}

// Requests returns how many requests the limiter has let pass.
func (s *State) Requests() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}
