package status

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
)

// keyTally is the key of the tally in the bucket with the state.
const keyTally = "tally"

// tally counts the results up to a message of their stream. The stream has exactly one
// result for each task, in a fixed order, so the counts are exact however often work was
// repeated, and each result is counted only once by all that ever read the status.
type tally struct {
	Stream time.Time        `json:"stream"` // when the stream was created
	Number uint64           `json:"number"` // of the last message that is counted
	Kinds  map[string]int64 `json:"kinds"`
}

func (t *tally) add(number uint64, kind string) {
	if kind == "" {
		kind = outcome.KindOther
	}
	t.Number = number
	t.Kinds[kind]++
}

func (t *tally) done() Done {
	d := Done{Kinds: t.Kinds}
	for kind, n := range t.Kinds {
		switch kind {
		case outcome.KindCompleted:
			d.Completed += n
		case outcome.KindFailed:
			d.Failed += n
		default:
			d.Other += n
		}
	}
	return d
}

// readDone counts the results after those of the stored tally, and stores the new one. If
// that fails, the next status counts them again.
func readDone(ctx context.Context, e *engine.Engine) (Done, error) {
	info, err := e.Results.Info(ctx)
	if err != nil {
		return Done{}, err
	}
	t, revision, err := loadTally(ctx, e.State)
	if err != nil {
		return Done{}, err
	}
	if !t.Stream.Equal(info.Created) || t.Number > info.State.LastSeq { // of an earlier stream
		t = tally{Stream: info.Created}
	}
	if t.Kinds == nil {
		t.Kinds = map[string]int64{}
	}
	counted := t.Number
	err = e.ScanResults(ctx, counted+1, func(number uint64, header nats.Header) {
		t.add(number, header.Get(outcome.KindHeader))
	})
	if err != nil {
		return Done{}, err
	}
	if t.Number > counted {
		if value, err := json.Marshal(t); err == nil {
			_, _ = e.State.Update(ctx, keyTally, value, revision)
		}
	}
	return t.done(), nil
}

func loadTally(ctx context.Context, state jetstream.KeyValue) (t tally, revision uint64, err error) {
	entry, err := state.Get(ctx, keyTally)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return tally{}, 0, nil
	}
	if err != nil {
		return tally{}, 0, err
	}
	if json.Unmarshal(entry.Value(), &t) != nil {
		t = tally{}
	}
	return t, entry.Revision(), nil
}
