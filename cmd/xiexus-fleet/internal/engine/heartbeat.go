package engine

import (
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Heartbeat tells the servers that messages are being worked on, until the function that it
// returns is called.
func (e *Engine) Heartbeat(messages ...jetstream.Msg) (stop func()) {
	stopping, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(e.ackWait / 3)
		defer ticker.Stop()
		for {
			select {
			case <-stopping:
				return
			case <-ticker.C:
			}
			for _, message := range messages {
				_ = message.InProgress() // without a connection, another process takes it
			}
		}
	}()
	return func() {
		close(stopping)
		<-done
	}
}
