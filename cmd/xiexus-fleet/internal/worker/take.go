package worker

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/internal/retry"
)

const (
	// gatherTime is how long the first message of a round waits for others: shards that are
	// polled together are due within it.
	gatherTime = 100 * time.Millisecond
	// pullTime is how long one request for messages waits at the server. It is short, because
	// a worker that stops waits for its end: a message that is sent to nobody is delayed.
	pullTime = time.Second
)

// take returns the next message with those that come soon after. It returns nothing if there is
// none for a second.
//
// The first message is taken alone, so that of several workers that are idle one gets nearly
// all the others: batches are then as full as those of a single process.
func (w *Worker) take(ctx context.Context, queue jetstream.Consumer, most int) []jetstream.Msg {
	first, err := queue.Next(jetstream.FetchMaxWait(pullTime))
	if err != nil {
		if !errors.Is(err, nats.ErrTimeout) {
			w.Logger.Debug("cannot take work", "error", err)
			_ = retry.Sleep(ctx, time.Second)
		}
		return nil
	}
	messages := []jetstream.Msg{first}
	_ = retry.Sleep(ctx, gatherTime)
	if ctx.Err() != nil || most == 1 {
		return messages
	}
	more, err := queue.FetchNoWait(most - 1)
	if err != nil {
		w.Logger.Debug("cannot take more work", "error", err)
		return messages
	}
	for message := range more.Messages() {
		messages = append(messages, message)
	}
	return messages
}
