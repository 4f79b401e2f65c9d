package shared

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// chunkTime is for how long a worker reserves requests ahead: each reservation is one write
// to the store.
const chunkTime = 200 * time.Millisecond

// MinRate and MaxRate are the lowest and the highest limit in requests per second. Others
// would reserve a slot in centuries, or more slots than there is memory for.
const (
	MinRate = 0.001
	MaxRate = 100_000
)

// rateLimit limits the requests of all workers together. A worker reserves the next free
// slots, a few at a time, by compare-and-set; each is a time at which it may send one
// request. A slot that it does not need expires.
type rateLimit struct {
	bucket    jetstream.KeyValue
	reserving chan struct{} // held by the goroutine that reserves

	mu        sync.Mutex
	perSecond float64 // 0 for no limit
	slots     []time.Time
}

func newRateLimit(bucket jetstream.KeyValue) rateLimit {
	return rateLimit{bucket: bucket, reserving: make(chan struct{}, 1)}
}

func (r *rateLimit) set(perSecond float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	perSecond = boundRate(perSecond)
	if perSecond != r.perSecond {
		r.perSecond, r.slots = perSecond, nil
	}
}

// boundRate returns a limit that can be kept: whoever can write to the store can set any.
func boundRate(perSecond float64) float64 {
	if !(perSecond > 0) {
		return 0
	}
	return min(max(perSecond, MinRate), MaxRate)
}

func (r *rateLimit) get() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.perSecond
}

// wait blocks until the next free slot.
func (r *rateLimit) wait(ctx context.Context) error {
	for ctx.Err() == nil {
		slot, ok := r.take(time.Now())
		if ok {
			_ = retry.Sleep(ctx, time.Until(slot))
			return nil
		}
		if err := r.reserveOnce(ctx); err != nil {
			return err
		}
	}
	return nil
}

// take returns a slot. Without a limit there always is one.
func (r *rateLimit) take(now time.Time) (time.Time, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.perSecond == 0 {
		return now, true
	}
	for len(r.slots) > 0 {
		slot := r.slots[0]
		r.slots = r.slots[1:]
		if !slot.Before(now.Add(-chunkTime)) {
			return slot, true
		}
	}
	return time.Time{}, false
}

// reserveOnce reserves slots, unless another goroutine has just done so.
func (r *rateLimit) reserveOnce(ctx context.Context) error {
	select {
	case r.reserving <- struct{}{}:
		defer func() { <-r.reserving }()
	case <-ctx.Done():
		return nil
	}
	r.mu.Lock()
	perSecond, left := r.perSecond, len(r.slots)
	r.mu.Unlock()
	if perSecond == 0 || left > 0 {
		return nil
	}
	var slots []time.Time
	err := engine.Retry(ctx, func(ctx context.Context) (err error) {
		slots, err = r.reserve(ctx, perSecond)
		if engine.IsConflict(err) {
			err = fmt.Errorf("reserved by another worker: %v", err) //nolint:errorlint // to be tried again
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("reserve a request: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.perSecond == perSecond {
		r.slots = slots
	}
	return nil
}

func (r *rateLimit) reserve(ctx context.Context, perSecond float64) ([]time.Time, error) {
	var next time.Time
	entry, err := r.bucket.Get(ctx, keySlots)
	switch {
	case err == nil:
		_ = json.Unmarshal(entry.Value(), &next) // what is no time is replaced
	case !errors.Is(err, jetstream.ErrKeyNotFound):
		return nil, err
	}
	slots, next := reserveSlots(next, time.Now(), perSecond)
	value, err := json.Marshal(next.UTC())
	if err != nil {
		return nil, err
	}
	if entry == nil {
		_, err = r.bucket.Create(ctx, keySlots, value)
	} else {
		_, err = r.bucket.Update(ctx, keySlots, value, entry.Revision())
	}
	return slots, err
}

// reserveSlots returns the slots of the next chunk, and the first one after them. Another
// clock may have written when the next is free.
func reserveSlots(next, now time.Time, perSecond float64) (slots []time.Time, after time.Time) {
	if next.Before(now) {
		next = now
	}
	if limit := now.Add(longestPause); next.After(limit) {
		next = limit
	}
	between := time.Duration(float64(time.Second) / perSecond)
	count := max(int(chunkTime.Seconds()*perSecond), 1)
	for i := range count {
		slots = append(slots, next.Add(time.Duration(i)*between))
	}
	return slots, next.Add(time.Duration(count) * between)
}

// SetRate limits the requests of all workers to a number per second, between [MinRate] and
// [MaxRate]; zero is no limit. It stays until it is set again.
func (s *State) SetRate(ctx context.Context, perSecond float64) error {
	value, err := json.Marshal(perSecond)
	if err != nil {
		return err
	}
	err = engine.Retry(ctx, func(ctx context.Context) error {
		_, err := s.bucket.Put(ctx, keyRate, value)
		return err
	})
	if err != nil {
		return fmt.Errorf("set the rate limit of the fleet: %w", err)
	}
	s.rate.set(perSecond)
	return nil
}

// Rate returns the limit of all workers, in requests per second; zero is no limit.
func (s *State) Rate() float64 { return s.rate.get() }
