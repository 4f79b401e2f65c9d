package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Publish stores a message in a queue. The ID keeps a repeated attempt from storing it twice. If
// the servers do not accept it, such as because the queue or a disk is full, Publish logs
// why and tries again until ctx ends.
func (e *Engine) Publish(ctx context.Context, subject, id string, data []byte) error {
	log := e.warning()
	return Retry(ctx, func(ctx context.Context) error {
		_, err := e.JS.Publish(ctx, subject, data, jetstream.WithMsgID(id))
		if err != nil && ctx.Err() == nil {
			log.warn("cannot store a message yet; trying again", err)
		}
		return err
	})
}

// PublishIfRoom is [Engine.Publish] for a message that need not be stored: it returns the error of
// servers that reject it.
func (e *Engine) PublishIfRoom(ctx context.Context, subject, id string, data []byte) error {
	return Retry(ctx, func(ctx context.Context) error {
		_, err := e.JS.Publish(ctx, subject, data, jetstream.WithMsgID(id))
		if errors.As(err, new(*jetstream.APIError)) {
			return &permanentError{err}
		}
		return err
	})
}

// PublishOnce stores a message unless its subject has one, which a stream with one message
// per subject rejects. It reports whether the message is new. The stream is read even if it
// has rejected the message: what it has accepted before may have been lost with a server.
func (e *Engine) PublishOnce(ctx context.Context, stream jetstream.Stream, subject string, data []byte) (isNew bool, err error) {
	return e.PublishMsgOnce(ctx, stream, &nats.Msg{Subject: subject, Data: data})
}

// PublishMsgOnce is [Engine.PublishOnce] for a message with headers.
func (e *Engine) PublishMsgOnce(ctx context.Context, stream jetstream.Stream, message *nats.Msg) (isNew bool, err error) {
	log := e.warning()
	err = Retry(ctx, func(ctx context.Context) error {
		_, err := e.JS.PublishMsg(ctx, message)
		if err == nil {
			isNew = true
			return nil
		}
		if _, readErr := stream.GetLastMsgForSubject(ctx, message.Subject); readErr == nil {
			return nil
		}
		if ctx.Err() == nil {
			log.warn("cannot store a message yet; trying again", err)
		}
		return fmt.Errorf("store a message: %w", err)
	})
	return isNew, err
}
