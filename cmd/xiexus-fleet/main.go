// Command xiexus-fleet waits for video generation tasks on several machines. Its work is in
// streams of NATS JetStream.
package main

import (
	"context"
	"os"

	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/command"
	"github.com/xiexus/xiexus-go/internal/interrupt"
)

func main() {
	ctx := interrupt.Context(context.Background())
	os.Exit(command.Run(ctx, os.Args[1:], command.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
