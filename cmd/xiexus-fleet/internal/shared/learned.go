package shared

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go"
)

// learnedInterval is how often a worker shares what it has learned: relays start a pass
// every 15 s.
const learnedInterval = 5 * time.Second

func (s *State) seeLearned(entry jetstream.KeyValueEntry) {
	s.mu.Lock()
	s.learned, s.learnedNumber = entry.Value(), entry.Revision()
	s.mu.Unlock()
	var learned xiexus.Learned
	if json.Unmarshal(entry.Value(), &learned) == nil {
		s.learn(learned)
	}
}

// ShareLearned stores what a client has learned, if that is new. If another worker has just
// done the same, it is merged when it has been seen.
func (s *State) ShareLearned(ctx context.Context, client *xiexus.Client) {
	value, err := json.Marshal(client.Learned())
	if err != nil {
		return
	}
	s.mu.Lock()
	number, isNew := s.learnedNumber, !bytes.Equal(value, s.learned) && time.Since(s.learnedAt) >= learnedInterval
	if isNew {
		s.learnedAt = time.Now()
	}
	s.mu.Unlock()
	if !isNew {
		return
	}
	if _, err := s.bucket.Update(ctx, keyLearned, value, number); err != nil {
		s.logger.Debug("cannot share what was learned", "error", err)
	}
}
