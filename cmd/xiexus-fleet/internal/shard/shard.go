// Package shard defines how tasks that are waited for are stored: in shards of many IDs,
// because a message for each would cost more than the polls.
package shard

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/xiexus/xiexus-go"
)

const (
	// DefaultSize is how many tasks a shard has by default.
	DefaultSize = 500
	// MaxSize is the largest number of tasks in a shard.
	MaxSize = 5000
	// MaxID is the longest task ID in bytes, as in the library.
	MaxID = 512

	// maxBytes is the total length of the IDs in a shard. Most have 40 bytes; with the
	// longest, the message must not be larger than NATS allows.
	maxBytes = 256 << 10
)

// Shard is the message for some tasks. It never changes; what is known of the tasks is in
// their cursors.
type Shard struct {
	// ID is the key of the cursors, and identifies the message.
	ID string
	// TaskIDs are the tasks.
	TaskIDs []string
	// FirstAt is when the first poll is due; zero means now.
	FirstAt time.Time
	// Requests are the keys of the create requests, by task ID, of tasks that the fleet has
	// created.
	Requests map[string]string
}

// New returns a shard of tasks.
func New(taskIDs ...string) Shard { return Shard{ID: rand.Text(), TaskIDs: taskIDs} }

// Cursors returns the cursors of tasks that have not been polled.
func (s Shard) Cursors() []xiexus.Cursor {
	cursors := make([]xiexus.Cursor, len(s.TaskIDs))
	for i, id := range s.TaskIDs {
		cursors[i] = xiexus.NewCursor(id)
		cursors[i].NextAt = s.FirstAt
	}
	return cursors
}

// message is a Shard in JSON. Fields may be added, and keep their meaning.
type message struct {
	Version  int               `json:"v"`
	ID       string            `json:"id"`
	TaskIDs  []string          `json:"task_ids"`
	FirstAt  time.Time         `json:"first_at,omitzero"`
	Requests map[string]string `json:"requests,omitempty"`
}

// Encode returns the message.
func (s Shard) Encode() ([]byte, error) {
	return json.Marshal(message{Version, s.ID, s.TaskIDs, s.FirstAt, s.Requests})
}

// validID matches the keys that buckets allow.
var validID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Decode returns the shard of a message.
func Decode(data []byte) (Shard, error) {
	if err := CheckVersion(data); err != nil {
		return Shard{}, fmt.Errorf("shard: %w", err)
	}
	var m message
	if err := json.Unmarshal(data, &m); err != nil {
		return Shard{}, fmt.Errorf("shard: %w", err)
	}
	s := Shard{m.ID, m.TaskIDs, m.FirstAt, m.Requests}
	return s, s.check()
}

func (s Shard) check() error {
	switch {
	case !validID.MatchString(s.ID):
		return errors.New("shard: its ID is not a key")
	case len(s.TaskIDs) == 0 || len(s.TaskIDs) > MaxSize:
		return fmt.Errorf("shard: %d task IDs instead of 1 to %d", len(s.TaskIDs), MaxSize)
	}
	for _, id := range s.TaskIDs {
		if id == "" || len(id) > MaxID {
			return fmt.Errorf("shard: a task ID of %d bytes instead of 1 to %d", len(id), MaxID)
		}
	}
	return nil
}
