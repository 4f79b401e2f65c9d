package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/fakerelay"
)

// What the demo plays: a task of a few seconds, on a relay that answers now in
// one shape and now in another.
const (
	demoKey      = "sk-demo-key-of-the-fake-relay"
	demoTask     = "task_demo"
	demoDuration = 7 * time.Second
	demoVideo    = "https://cdn.example.com/task_demo.mp4"
)

func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "See a wait from beginning to end, without a key or a network",
		Long: `Start a relay inside this process, create a task on it, wait for the task while
showing what happens, and print it. Takes about 8 seconds.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context()) },
	}
}

func (a *app) demo(ctx context.Context) error {
	relay := fakerelay.New(demoKey)
	defer relay.Close()
	relay.Add(demoTask, fakerelay.Completes(demoDuration, demoVideo, fakerelay.Stored, fakerelay.Realtime))
	a.note("created %s on a relay inside this process; waiting for it", demoTask)

	client, err := xiexus.New(
		xiexus.WithAPIKey(demoKey),
		xiexus.WithBaseURL("http://relay.localhost"), // never looked up: the client below goes to the relay
		xiexus.WithHTTPClient(relay.HTTPClient()),
		xiexus.WithLogger(a.logger()),
	)
	if err != nil {
		return err
	}
	a.maxWait, a.interval = time.Minute, time.Second
	return a.waitFor(ctx, client, idSource{{id: demoTask}}, nil)
}
