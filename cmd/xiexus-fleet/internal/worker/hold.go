package worker

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/internal/retry"
)

const (
	// Grace is how long a worker that is told to stop may take to finish its requests.
	Grace = 10 * time.Second
	// storeGrace is how much longer it may take to store what they returned.
	storeGrace = 10 * time.Second
)

// outliving returns a context that ends d after ctx does.
func outliving(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		_ = retry.Sleep(longer, d)
		cancel()
	})
	return longer, func() {
		stop()
		cancel()
	}
}

// handBack makes a message available again after a delay. There always is one: servers store
// when a message is due, but not that it is due at once.
func (w *Worker) handBack(message jetstream.Msg, delay time.Duration) {
	if err := message.NakWithDelay(max(delay, time.Millisecond)); err != nil { // it is due after AckWait
		w.Logger.Debug("cannot hand back work", "error", err)
	}
}
