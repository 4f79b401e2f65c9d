package worker

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// gatherTime is how long the first message of a round waits for others: shards that are
	// polled together are due within it.
	gatherTime = 100 * time.Millisecond
	// pullTime is how long one request for messages waits at the server.
	pullTime = 20 * time.Second
)

// take blocks until there is a message, and returns it with those that come soon after. It
// returns nothing if there is an error, or ctx has ended.
//
// The first message is taken alone, so that of several workers that are idle one gets nearly
// all the others: batches are then as full as those of a single process.
func (w *Worker) take(ctx context.Context, queue jetstream.Consumer, most int) []jetstream.Msg {
	pullCtx, cancel := context.WithTimeout(ctx, pullTime)
	defer cancel()
	first, err := queue.Next(jetstream.FetchContext(pullCtx))
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, nats.ErrTimeout) {
			w.Logger.Debug("cannot take work", "error", err)
			pause(ctx, time.Second)
		}
		return nil
	}
	messages := []jetstream.Msg{first}
	pause(ctx, gatherTime)
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

// pause returns after d, or when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
