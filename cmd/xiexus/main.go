// Command xiexus submits video generation tasks to a New API relay, waits for them
// and brings their videos home.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// The first interrupt ends the command in an orderly way, a second one at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// streams are where a command reads and writes: data goes to out, all else to err.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// run runs one command line and returns its exit code.
func run(ctx context.Context, args []string, std streams) int {
	return newApp(std, terminalOf(std.err)).run(ctx, args)
}
