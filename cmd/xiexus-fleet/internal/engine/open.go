package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// openAll opens all streams and buckets. Several processes may do so at the same time.
func (e *Engine) openAll(ctx context.Context, cfg Config) error {
	want := layoutOf(cfg.Name, cfg.Replicas)
	want.queue.AckWait = e.ackWait
	o := &opener{js: e.JS, replicas: cfg.Replicas}
	if o.replicas == 0 {
		o.replicas = 1
		if e.conn.ConnectedClusterName() != "" {
			o.replicas = 3
		}
	}
	e.Waits = o.stream(ctx, want.waits)
	e.Creates = o.stream(ctx, want.creates)
	e.Results = o.stream(ctx, want.results)
	e.Cursors = o.bucket(ctx, want.cursors)
	e.Claims = o.bucket(ctx, want.claims)
	e.State = o.bucket(ctx, want.state)
	e.Workers = o.bucket(ctx, want.presence)
	e.WaitQueue = o.consumer(ctx, e.Waits, want.queue)
	e.CreateQueue = o.consumer(ctx, e.Creates, want.queue)
	return o.err
}

// opener opens streams and buckets until there is an error.
type opener struct {
	js       jetstream.JetStream
	replicas int // of what is created
	err      error
}

func (o *opener) stream(ctx context.Context, want jetstream.StreamConfig) jetstream.Stream {
	if o.err != nil {
		return nil
	}
	stream, err := o.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		create := want
		create.Replicas = o.replicas
		stream, err = o.js.CreateStream(ctx, create)
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // created by another process just now
			stream, err = o.js.Stream(ctx, want.Name)
		}
	}
	if err != nil {
		o.err = fmt.Errorf("stream %s: %w", want.Name, o.explain(err))
		return nil
	}
	o.err = checkStream(want, stream.CachedInfo().Config)
	return stream
}

func (o *opener) bucket(ctx context.Context, want jetstream.KeyValueConfig) jetstream.KeyValue {
	if o.err != nil {
		return nil
	}
	bucket, err := o.js.KeyValue(ctx, want.Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		create := want
		create.Replicas = o.replicas
		bucket, err = o.js.CreateKeyValue(ctx, create)
		if errors.Is(err, jetstream.ErrBucketExists) {
			bucket, err = o.js.KeyValue(ctx, want.Bucket)
		}
	}
	if err != nil {
		o.err = fmt.Errorf("bucket %s: %w", want.Bucket, o.explain(err))
		return nil
	}
	shape := streamOf(want)
	stream, err := o.js.Stream(ctx, shape.Name)
	if err != nil {
		o.err = fmt.Errorf("bucket %s: %w", want.Bucket, err)
		return nil
	}
	o.err = checkStream(shape, stream.CachedInfo().Config)
	return bucket
}

func (o *opener) consumer(ctx context.Context, stream jetstream.Stream, want jetstream.ConsumerConfig) jetstream.Consumer {
	if o.err != nil {
		return nil
	}
	name := stream.CachedInfo().Config.Name
	consumer, err := stream.Consumer(ctx, want.Durable)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		consumer, err = stream.CreateConsumer(ctx, want)
	}
	if err != nil {
		o.err = fmt.Errorf("consumer of stream %s: %w", name, err)
		return nil
	}
	o.err = checkConsumer(name, want, consumer.CachedInfo().Config)
	return consumer
}

// explain adds what to do to an error of the servers.
func (o *opener) explain(err error) error {
	var apiErr *jetstream.APIError
	if !errors.As(err, &apiErr) {
		return err
	}
	const noSuitablePeers, insufficientResources, noReplicas = 10005, 10023, 10074
	switch apiErr.ErrorCode {
	case noReplicas:
		return &permanentError{fmt.Errorf("%w; it needs %d servers, see --replicas", err, o.replicas)}
	case noSuitablePeers: // others may be starting
		return fmt.Errorf("%w; it needs %d servers, see --replicas", err, o.replicas)
	case insufficientResources:
		return fmt.Errorf("%w; it needs %d servers with free storage, see --replicas", err, o.replicas)
	case jetstream.JSErrCodeJetStreamNotEnabled, jetstream.JSErrCodeJetStreamNotEnabledForAccount:
		return &permanentError{fmt.Errorf("%w; enable it on the servers, and for the account", err)}
	}
	return err
}
