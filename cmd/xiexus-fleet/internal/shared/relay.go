package shared

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
)

// ErrOtherRelay means that the workers of a fleet use another base URL. A task is known to
// one relay only: the others report that it is not found, and that would be its result.
var ErrOtherRelay = errors.New("the other workers of this fleet use another base URL")

// keyRelay is the hash of the base URL that the first worker has used.
const keyRelay = "relay"

// Bind binds the fleet to the relay of its first worker. It returns [ErrOtherRelay] if that
// has another base URL. Only a hash is stored, so that nobody can change where a key is sent.
func (s *State) Bind(ctx context.Context, baseURL string) error {
	sum := sha256.Sum256([]byte(baseURL))
	ours := hex.EncodeToString(sum[:])
	err := engine.Retry(ctx, func(ctx context.Context) error {
		_, err := s.bucket.Create(ctx, keyRelay, []byte(ours))
		return err
	})
	if !engine.IsConflict(err) {
		return bindError(err)
	}
	var stored jetstream.KeyValueEntry
	err = engine.Retry(ctx, func(ctx context.Context) (err error) {
		stored, err = s.bucket.Get(ctx, keyRelay)
		return err
	})
	if err == nil && string(stored.Value()) != ours {
		return ErrOtherRelay
	}
	return bindError(err)
}

func bindError(err error) error {
	if err != nil {
		return fmt.Errorf("bind the fleet to its relay: %w", err)
	}
	return nil
}
