// Package interrupt ends commands when they are interrupted.
package interrupt

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Context returns a context that ends with the first interrupt, or request to terminate, so
// that the command ends in an orderly way. A second one ends the process immediately. An
// interrupt that was ignored when the process started stays ignored: shells start commands
// in the background of a script so.
func Context(parent context.Context) context.Context {
	signals := []os.Signal{syscall.SIGTERM}
	if !signal.Ignored(os.Interrupt) {
		signals = append(signals, os.Interrupt)
	}
	received := make(chan os.Signal, 1)
	signal.Notify(received, signals...)
	ctx, cancel := context.WithCancel(parent)
	go func() {
		select {
		case <-received:
		case <-parent.Done():
		}
		signal.Stop(received) // first: a command that ends may invite the user to interrupt again
		cancel()
	}()
	return ctx
}
