package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// What the demo plays: a task of a few seconds, on a relay that answers now in
// one shape and now in another, with its video at a CDN that takes its time.
const (
	demoKey      = "sk-demo-key-of-the-fake-relay"
	demoDuration = 6 * time.Second
	demoRate     = 1000 // bytes a second
	demoCDN      = "cdn.example.com"
)

func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "See the whole job, from submit to video, without a key or a network",
		Long: `Start a relay inside this process, submit a task to it, wait for the task while
showing what happens, and download its video to a folder for temporary files.
Takes about 10 seconds.`,
		Example: `  xiexus demo
  xiexus demo -o json | jq -r .file`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context()) },
	}
}

func (a *app) demo(ctx context.Context) error {
	relay := demoRelay()
	defer relay.Close()
	client, err := xiexus.New(
		xiexus.WithAPIKey(demoKey),
		xiexus.WithBaseURL("http://relay.localhost"), // never looked up: the client below goes to the relay
		xiexus.WithHTTPClient(relay.HTTPClient()),
		xiexus.WithLogger(a.logger()),
	)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "xiexus-demo-")
	if err != nil {
		return err
	}
	a.maxWait, a.interval = time.Minute, time.Second
	err = a.submit(ctx, client, &creation{
		request:  xiexus.CreateRequest{Model: "demo-1", Prompt: "an orange square that bounces"},
		download: true,
		to:       &destination{folder: folder, out: a.out, once: true},
	})
	if err != nil {
		_ = os.RemoveAll(folder) // its relay is gone: nothing can go on with what came
		return err
	}
	a.note("play the video with any player; nothing was sent to a network")
	return nil
}

func demoRelay() *xiexustest.Relay {
	cdn := xiexustest.NewCDN()
	cdn.Put("/", xiexustest.Delivery{Rate: demoRate})
	relay := xiexustest.StartRelay(xiexustest.WithAPIKey(demoKey))
	relay.Host(demoCDN, cdn)
	relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script {
		return xiexustest.Completes(demoDuration, "http://"+demoCDN+"/{id}.mp4", xiexustest.Stored, xiexustest.Realtime)
	})
	return relay
}
