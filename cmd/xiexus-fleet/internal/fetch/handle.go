package fetch

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
)

// handle deals with one result. It returns an error only if nothing can be downloaded at all.
func (f *Fetcher) handle(ctx context.Context, message jetstream.Msg) error {
	if kind := message.Headers().Get(outcome.KindHeader); kind != outcome.KindCompleted {
		f.done(message)
		return nil
	}
	result, err := outcome.Decode(message.Data())
	if err != nil {
		f.Logger.Error("cannot read a result; it is skipped", "error", err)
		f.done(message)
		return nil
	}
	stop := f.engine.Heartbeat(message)
	saved, err := f.save(ctx, result)
	stop()
	switch {
	case ctx.Err() != nil && err != nil:
		f.handBack(message, 0)
		return ctx.Err()
	case errors.Is(err, xiexus.ErrUnauthorized):
		f.handBack(message, 0)
		return err
	case err != nil && f.tryLater(message, err):
		f.Logger.Warn("a download failed; it is tried again", "task", result.TaskID, "error", err)
		return nil
	}
	saved.TaskID, saved.Error = result.TaskID, outcome.NewError(err)
	if err := f.Report(saved); err != nil {
		f.handBack(message, 0)
		return err
	}
	f.done(message)
	return nil
}

// tryLater hands back a download that failed, and reports false if it has failed too often.
func (f *Fetcher) tryLater(message jetstream.Msg, err error) bool {
	meta, metaErr := message.Metadata()
	if metaErr != nil {
		return false
	}
	delay, again := retryDelay(int(meta.NumDelivered), f.Attempts, f.RetryDelay, err)
	if again {
		f.handBack(message, delay)
	}
	return again
}

// retryDelay returns after which delay to try a download again that has failed a number of
// times, false if it is not to be tried again.
func retryDelay(failed, attempts int, first time.Duration, err error) (time.Duration, bool) {
	const longest = 10 * time.Minute
	if failed >= attempts || errors.Is(err, xiexus.ErrAddressRefused) || errors.Is(err, xiexus.ErrInvalidTaskID) {
		return 0, false
	}
	delay := first
	for range min(failed-1, 20) {
		delay = min(2*delay, longest)
	}
	return delay, true
}

func (f *Fetcher) handBack(message jetstream.Msg, delay time.Duration) {
	err := message.NakWithDelay(max(delay, time.Millisecond)) // the servers store only a delay
	if err != nil {                                           // it is available when the servers have not heard of this process for a while
		f.Logger.Debug("cannot hand back a result", "error", err)
	}
}

// done takes a result off the queue. If that fails, it is delivered again, and the file
// exists then.
func (f *Fetcher) done(message jetstream.Msg) {
	if err := message.Ack(); err != nil {
		f.Logger.Debug("cannot acknowledge a result", "error", err)
	}
}
