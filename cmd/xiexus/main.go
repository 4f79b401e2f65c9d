// Command xiexus creates video generation tasks on a New API relay, waits for
// them and downloads their videos.
package main

import (
	"context"
	"os"

	"github.com/xiexus/xiexus-go/internal/cli"
	"github.com/xiexus/xiexus-go/internal/interrupt"
)

func main() {
	ctx := interrupt.Context(context.Background())
	os.Exit(cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
