package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Reader reads the results in the order in which they were stored, each once, also if it has
// to connect again.
type Reader struct {
	engine   *Engine
	last     uint64 // the sequence number of the last result
	messages jetstream.MessagesContext
	release  func() bool // of what stops messages when the context ends
}

// NewReader returns a reader of all results, or of those that are stored from now on.
func (e *Engine) NewReader(ctx context.Context, fromNow bool) (*Reader, error) {
	r := &Reader{engine: e}
	if !fromNow {
		return r, nil
	}
	err := Retry(ctx, func(ctx context.Context) (err error) {
		r.last, err = e.LastResult(ctx)
		return err
	})
	return r, err
}

// ErrNoResult means that there is no further result at the moment.
var ErrNoResult = errors.New("no further result")

// idleTime is how long a reader waits for a result.
const idleTime = time.Second

// Next returns the next result. It returns [ErrNoResult] if there is none for a second, and
// another error if ctx ends.
func (r *Reader) Next(ctx context.Context) ([]byte, error) {
	for ctx.Err() == nil {
		if err := r.open(ctx); err != nil {
			return nil, err
		}
		message, err := r.messages.Next(jetstream.NextMaxWait(idleTime))
		if errors.Is(err, nats.ErrTimeout) && !r.isBehind(ctx) {
			return nil, ErrNoResult
		}
		if err != nil { // begin again after the last one
			r.Close()
			continue
		}
		info, err := message.Metadata()
		if err != nil {
			return nil, fmt.Errorf("read results: %w", err)
		}
		if info.Sequence.Stream > r.last {
			r.last = info.Sequence.Stream
			return message.Data(), nil
		}
	}
	return nil, context.Cause(ctx)
}

// isBehind reports whether there are results that have not been delivered: the server that
// was to deliver them may be gone, which the library does not notice.
func (r *Reader) isBehind(ctx context.Context) bool {
	last, err := r.engine.LastResult(ctx)
	return err == nil && last > r.last
}

// open begins after the last result, if it is not reading.
func (r *Reader) open(ctx context.Context) error {
	if r.messages != nil {
		return nil
	}
	err := Retry(ctx, func(ctx context.Context) error {
		consumer, err := r.engine.Results.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
			DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: r.last + 1, MaxResetAttempts: 1,
		})
		if err == nil {
			r.messages, err = consumer.Messages()
		}
		return err
	})
	if err == nil {
		r.release = context.AfterFunc(ctx, r.messages.Stop)
	}
	return err
}

// Last returns the sequence number of the last result that was returned.
func (r *Reader) Last() uint64 { return r.last }

// Close ends reading.
func (r *Reader) Close() {
	if r.messages != nil {
		r.release()
		r.messages.Stop()
		r.messages = nil
	}
}

// IsIdle reports whether nothing is waited for. All results that there will be are then
// stored, unless something is submitted.
func (e *Engine) IsIdle(ctx context.Context) (bool, error) {
	for _, queue := range []jetstream.Stream{e.Creates, e.Waits} { // in this order: create requests become waits
		info, err := queue.Info(ctx)
		if err != nil || info.State.Msgs > 0 {
			return false, err
		}
	}
	return true, nil
}

// LastResult returns the sequence number of the last result, zero if there is none.
func (e *Engine) LastResult(ctx context.Context) (uint64, error) {
	info, err := e.Results.Info(ctx)
	if err != nil || info.State.Msgs == 0 {
		return 0, err
	}
	return info.State.LastSeq, nil
}
