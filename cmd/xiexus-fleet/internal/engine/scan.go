package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// scanIdle is how long the servers keep the consumer of a scan that was interrupted.
const scanIdle = 30 * time.Second

// ScanCursors calls fn for each shard with stored cursors, in no order.
func (e *Engine) ScanCursors(ctx context.Context, fn func(id string, info CursorsInfo)) error {
	bucket := e.Cursors.Bucket()
	stream, err := e.JS.Stream(ctx, "KV_"+bucket)
	if err != nil {
		return fmt.Errorf("bucket %s: %w", bucket, err)
	}
	return scanHeaders(ctx, stream, 1, func(_ uint64, subject string, header nats.Header) {
		if info, ok := parseCursorsInfo(header); ok { // not if they were deleted
			fn(strings.TrimPrefix(subject, cursorsSubject(bucket)), info)
		}
	})
}

// ScanResults calls fn with the number and the headers of each result from a number on, in
// order.
func (e *Engine) ScanResults(ctx context.Context, from uint64, fn func(number uint64, header nats.Header)) error {
	return scanHeaders(ctx, e.Results, from, func(number uint64, _ string, header nats.Header) { fn(number, header) })
}

// scanHeaders reads the headers of all messages of a stream from a number on.
func scanHeaders(ctx context.Context, stream jetstream.Stream, from uint64, fn func(number uint64, subject string, header nats.Header)) error {
	info, err := stream.Info(ctx)
	if err != nil {
		return err
	}
	if info.State.Msgs == 0 || info.State.LastSeq < from {
		return nil
	}
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(from, 1), HeadersOnly: true, InactiveThreshold: scanIdle,
	})
	if err != nil {
		return err
	}
	messages, err := consumer.Messages()
	if err != nil {
		return err
	}
	defer messages.Stop()
	for {
		message, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		meta, err := message.Metadata()
		if err != nil {
			return err
		}
		fn(meta.Sequence.Stream, message.Subject(), message.Headers())
		if meta.NumPending == 0 || meta.Sequence.Stream >= info.State.LastSeq {
			return nil
		}
	}
}
