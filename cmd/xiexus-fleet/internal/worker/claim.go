package worker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/order"
)

// claim is a claim in the store.
type claim struct {
	order.Claim

	revision uint64
	isMine   bool // nobody has sent the request before this worker
}

// claim stores that this worker is about to send a request, unless somebody has before, and
// returns what is stored.
func (w *Worker) claim(ctx context.Context, key string) (*claim, error) {
	mine := order.Claim{State: order.Submitting, Owner: rand.Text(), Worker: w.Name}
	var stored *claim
	err := engine.Retry(ctx, func(ctx context.Context) error {
		mine.At = time.Now().UTC() // the servers may have been away since the attempt before
		data, err := mine.Encode()
		if err != nil {
			return err
		}
		revision, err := w.engine.Claims.Create(ctx, key, data)
		if err == nil {
			stored = &claim{Claim: mine, revision: revision}
			return nil
		}
		if !engine.IsConflict(err) {
			return err
		}
		stored, err = w.readClaim(ctx, key)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return fmt.Errorf("claim %s: deleted by another worker just now", key) // try again
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	stored.isMine = maySend(stored.Claim, mine.Owner, time.Now())
	return stored, nil
}

const (
	// createTime is how long a worker may take to send a create request, with all attempts.
	createTime = 3 * time.Minute
	// claimTime is how long after it has claimed a request a worker may begin to send it.
	claimTime = time.Minute
)

// maySend reports whether the owner of a claim may send the request now. The claim may be stored
// although the response was lost. If that was too long ago, the claim counts as uncertain, to
// other workers, before the request is sent.
func maySend(stored order.Claim, owner string, now time.Time) bool {
	return stored.Owner == owner && stored.State == order.Submitting && now.Sub(stored.At) < claimTime
}

func (w *Worker) readClaim(ctx context.Context, key string) (*claim, error) {
	entry, err := w.engine.Claims.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	stored, err := order.DecodeClaim(entry.Value())
	return &claim{Claim: stored, revision: entry.Revision()}, err
}

// storeClaim stores a new state of a claim. It fails if another worker has changed it.
func (w *Worker) storeClaim(ctx context.Context, key string, c *claim) error {
	c.At = time.Now().UTC().Round(0) // as it is stored
	data, err := c.Encode()
	if err != nil {
		return err
	}
	return engine.Retry(ctx, func(ctx context.Context) error {
		_, err := w.engine.Claims.Update(ctx, key, data, c.revision)
		if engine.IsConflict(err) {
			stored, readErr := w.readClaim(ctx, key)
			if readErr == nil && stored.Claim == c.Claim { // the response to an earlier attempt was lost
				return nil
			}
		}
		return err
	})
}

// unclaim lets a request be sent again that was provably not accepted.
func (w *Worker) unclaim(ctx context.Context, key string, c *claim) {
	err := engine.Retry(ctx, func(ctx context.Context) error {
		return w.engine.Claims.Delete(ctx, key, jetstream.LastRevision(c.revision))
	})
	if err != nil {
		w.Logger.Warn("cannot give up the claim of a create request; it will count as uncertain", "request", key, "error", err)
	}
}
