// Command xiexus-fleet waits for video generation tasks on several machines. Its work is in
// streams of NATS JetStream.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/command"
)

func main() {
	// The first signal ends the command in an orderly way, a second one immediately.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(command.Run(ctx, os.Args[1:], command.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
