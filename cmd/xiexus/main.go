// Command xiexus creates video generation tasks on a New API relay, waits for
// them and downloads their videos.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/xiexus/xiexus-go/internal/cli"
)

func main() {
	// The first signal ends the command in an orderly way, a second one immediately.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
