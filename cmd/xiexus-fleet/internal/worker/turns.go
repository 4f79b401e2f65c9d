package worker

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"golang.org/x/sync/errgroup"
)

// inTurn returns the messages that are to be polled now. If others have not been delivered yet, it
// moves those that were handed back to the end of the queue: servers deliver what was handed back
// first, so the others would never be delivered while more is due than the workers can poll.
func (w *Worker) inTurn(ctx context.Context, messages []jetstream.Msg) []jetstream.Msg {
	if !isOvertaking(messages) {
		return messages
	}
	now := make([]jetstream.Msg, len(messages))
	var group errgroup.Group
	group.SetLimit(storeConcurrency)
	for i, message := range messages {
		group.Go(func() error {
			if !isRedelivered(message) || !w.moveToEnd(ctx, message) {
				now[i] = message
			}
			return nil
		})
	}
	_ = group.Wait()
	return slices.DeleteFunc(now, func(message jetstream.Msg) bool { return message == nil })
}

// isOvertaking reports whether there were messages that had not been delivered when the last of
// some others was.
func isOvertaking(messages []jetstream.Msg) bool {
	if len(messages) == 0 {
		return false
	}
	last, err := messages[len(messages)-1].Metadata()
	return err == nil && last.NumPending > 0
}

// isRedelivered reports whether a message was delivered before, and handed back.
func isRedelivered(message jetstream.Msg) bool {
	delivery, err := message.Metadata()
	return err == nil && delivery.NumDelivered > 1
}

// moveToEnd stores a shard again, at the end of the queue, and then deletes the first message. It
// reports false if the server rejects the message, as it does when the stream is full.
//
// The shard is stored only if the first message is still the last one with its subject: a move that
// is repeated, because a response was lost, does not store it twice, and neither does a worker that
// was stopped for so long that another one has moved, merged or finished the shard.
func (w *Worker) moveToEnd(ctx context.Context, message jetstream.Msg) bool {
	delivery, err := message.Metadata()
	if err != nil {
		return false
	}
	number := delivery.Sequence.Stream
	_, err = w.engine.JS.Publish(ctx, message.Subject(), message.Data(), jetstream.WithExpectLastSequencePerSubject(number))
	switch {
	case err == nil, engine.IsConflict(err) && w.isMoved(ctx, message, number):
		if err := w.ack(ctx, message); err != nil {
			w.Logger.Warn("cannot acknowledge a shard that was moved to the end of the queue", "error", err)
		}
		return true
	case errors.As(err, new(*jetstream.APIError)):
		w.Logger.Debug("cannot move a shard to the end of the queue; it is polled ahead of others", "error", err)
		return false
	default:
		w.handBack(message, time.Second)
		return true
	}
}

// isMoved reports whether a message with a number was stored again later.
func (w *Worker) isMoved(ctx context.Context, message jetstream.Msg, number uint64) bool {
	last, err := w.engine.Waits.GetLastMsgForSubject(ctx, message.Subject())
	return err == nil && last.Sequence > number && bytes.Equal(last.Data, message.Data())
}
