package xiexus

import (
	"encoding/json"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
)

// Learned is what a client has learned about its relay: when passes come, whether it refuses
// batches, and how large they may be. Processes that poll tasks of one relay share it
// through [Client.Learned] and [Client.Learn], so that their polls meet like those of one
// client. It holds no key and no URL. It marshals to JSON. The zero value is nothing learned.
type Learned struct {
	stored storedLearned
}

// storedLearned is a Learned in JSON. Fields may be added, and keep their meaning.
type storedLearned struct {
	Beat      poll.Beat `json:"beat,omitzero"`
	Share     float64   `json:"share,omitzero"`
	NoBatches bool      `json:"no_batches,omitzero"`
	MostBatch int       `json:"most_batch,omitzero"`
}

// MarshalJSON encodes what was learned. Its error is always nil.
func (l Learned) MarshalJSON() ([]byte, error) { return json.Marshal(l.stored) }

// UnmarshalJSON decodes what this or any other release has encoded. Unknown fields are
// ignored. It returns an error of [encoding/json], and leaves l unchanged, if data is not valid.
func (l *Learned) UnmarshalJSON(data []byte) error {
	var stored storedLearned
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	l.stored = stored
	return nil
}

// Learned returns what the client has learned about its relay so far.
func (c *Client) Learned() Learned { return Learned{c.learned.export()} }

// Learn adds what another client has learned about the same relay. What is known about more
// recent passes replaces what is known about earlier ones. If the relay has refused batches
// to one client, the other sends none; of two limits of their size, the smaller one applies.
// Neither is forgotten: to try again, begin with a new client and without what was stored.
//
// Values that cannot be true are ignored. Others change only when tasks are polled, within the
// bounds that [Client.Wait] states, and how many are read with one request.
func (c *Client) Learn(learned Learned) { c.learned.merge(learned.stored, time.Now()) }

func (l *learned) export() storedLearned {
	l.mu.Lock()
	defer l.mu.Unlock()
	return storedLearned{l.beat.Shared(), l.share, l.noBatches, l.mostBatch}
}

// merge adds what another client has learned. Its share comes with its beat, so that the
// polls of both meet.
func (l *learned) merge(other storedLearned, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	order := l.beat.Compare(other.Beat, now)
	if order < 0 {
		l.beat = l.beat.Replace(other.Beat)
	}
	isShare := other.Share > 0 && other.Share < 1
	if isShare && (order < 0 || order == 0 && other.Share < l.share) {
		l.share = other.Share
	}
	l.noBatches = l.noBatches || other.NoBatches
	isLimit := other.MostBatch > smallBatch/2 && other.MostBatch <= largestBatch/2 // of halveBatches
	if isLimit && (l.mostBatch == 0 || other.MostBatch < l.mostBatch) {
		l.mostBatch = other.MostBatch
	}
}
