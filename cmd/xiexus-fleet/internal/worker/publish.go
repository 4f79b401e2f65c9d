package worker

import (
	"context"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
)

// publishing is how many results may be on their way to the store.
const publishing = 1000

// headerSize is more than the headers of a message take.
const headerSize = 4 << 10

// publish stores results. It returns nil only if each of them is stored, by this or by
// another worker: the stream rejects a second result of a task.
func (w *Worker) publish(ctx context.Context, results []outcome.Result) error {
	for len(results) > 0 {
		n := min(len(results), publishing)
		if err := w.publishSome(ctx, results[:n]); err != nil {
			return err
		}
		results = results[n:]
	}
	return nil
}

// entry is a result that is being stored.
type entry struct {
	result  outcome.Result
	subject string
	data    []byte
	future  jetstream.PubAckFuture // nil if it was not sent
}

func (e entry) message() *nats.Msg {
	return &nats.Msg{Subject: e.subject, Header: e.result.Header(), Data: e.data}
}

func (w *Worker) publishSome(ctx context.Context, results []outcome.Result) error {
	limit := min(engine.MaxMessage, w.engine.MaxPayload()) - headerSize
	entries := make([]entry, len(results))
	for i, result := range results {
		data, err := result.Encode(limit)
		if err != nil {
			return err
		}
		entries[i] = entry{result: result, subject: result.Subject(w.engine.Subjects.Result), data: data}
		entries[i].future, _ = w.engine.JS.PublishMsgAsync(entries[i].message()) // an error is retried below
	}
	for _, e := range entries {
		if w.isStored(ctx, e.future) {
			w.stats.count(e.result)
			continue
		}
		isNew, err := w.engine.PublishMsgOnce(ctx, w.engine.Results, e.message())
		if err != nil {
			return err
		}
		if isNew {
			w.stats.count(e.result)
		}
	}
	return nil
}

// isStored waits for the response to a result that was sent.
func (w *Worker) isStored(ctx context.Context, future jetstream.PubAckFuture) bool {
	if future == nil {
		return false
	}
	select {
	case <-future.Ok():
		return true
	case <-future.Err():
	case <-ctx.Done():
	}
	return false
}
