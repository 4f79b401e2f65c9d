package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// The demo runs a task of a few seconds on a relay that alternates between the two
// shapes of New API. The video is on a slow CDN, which pretends to be the host where the
// same video really is, so that the URL that the demo prints also works afterwards.
const (
	demoDuration = 6 * time.Second
	demoRate     = 1000 // bytes per second
	demoCDN      = "raw.githubusercontent.com"
	demoVideo    = "https://" + demoCDN + "/xiexus/xiexus-go/HEAD/xiexustest/sample.mp4"
)

func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Run the full workflow against a built-in relay, without an API key or network access",
		Long: `Start a relay inside this process, create a task on it, wait for the task while
showing its progress, and download its video to a directory for temporary files.
Takes about 10 seconds. Each demo replaces the directory of the one before.`,
		Example: `  xiexus demo
  xiexus demo -o json | jq -r .file`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context()) },
	}
}

func (a *app) demo(ctx context.Context) error {
	relay := demoRelay()
	defer relay.Close()
	client, err := xiexus.New(append(relay.Options(), xiexus.WithLogger(a.logger()))...)
	if err != nil {
		return err
	}
	dir, err := makeDemoDir()
	if err != nil {
		return err
	}
	options := &createOptions{
		download: true,
		waiting:  waitOptions{maxWait: time.Minute, interval: time.Second},
		to:       destination{dir: dir, noResume: true},
	}
	request := xiexus.CreateRequest{Model: "demo-1", Prompt: "an orange square that bounces"}
	if err := a.createTask(ctx, client, options, request); err != nil {
		_ = os.RemoveAll(dir) // nothing can resume the download: its relay is gone
		return err
	}
	a.note("the video is in %s and plays in any player; nothing was sent over the network", dir)
	return nil
}

// makeDemoDir makes an empty directory in place of that of an earlier demo.
func makeDemoDir() (string, error) {
	name := "xiexus-demo"
	if user := os.Getuid(); user >= 0 { // all users may share the parent directory
		name = fmt.Sprintf("%s-%d", name, user)
	}
	dir := filepath.Join(os.TempDir(), name)
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	return dir, os.Mkdir(dir, 0o700) // not what somebody else has put there
}

func demoRelay() *xiexustest.Relay {
	cdn := xiexustest.NewCDN()
	cdn.Put("/", xiexustest.Delivery{Rate: demoRate})
	relay := xiexustest.StartRelay()
	relay.Host(demoCDN, cdn)
	relay.OnCreate(func(xiexus.CreateRequest) xiexustest.Script {
		return xiexustest.Completes(demoDuration, demoVideo, xiexustest.Stored, xiexustest.Realtime)
	})
	return relay
}
