package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/fakerelay"
)

const serveKey = "sk-any-key-will-not-do-but-this-one-does"

func (a *app) serveCommand() *cobra.Command {
	var address, dialect string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the fake relay on a port, to try programs against",
		Long: `Run a fake relay until interrupted. It prints a line for your shell that points
xiexus, or any other program, at it. Its tasks begin when they are first read:

  task_completes   completed after 20 seconds
  task_fails       failed after 10 seconds
  task_flaky       completed after 20 seconds, on a relay that keeps breaking
  task_endless     in progress for ever

Any other id is a task that does not exist.`,
		Example: `  xiexus serve --addr 127.0.0.1:8080
  xiexus serve --dialect stored-legacy`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dialects, err := parseDialect(dialect)
			if err != nil {
				return usageError{err}
			}
			return a.serve(cmd.Context(), address, dialects)
		},
	}
	cmd.Flags().StringVar(&address, "addr", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&dialect, "dialect", "all", "documented, stored, stored-legacy, realtime, or all in turn")
	return cmd
}

func parseDialect(name string) ([]fakerelay.Dialect, error) {
	if name == "all" {
		return fakerelay.Dialects[:], nil
	}
	for _, dialect := range fakerelay.Dialects {
		if name == string(dialect) {
			return []fakerelay.Dialect{dialect}, nil
		}
	}
	return nil, fmt.Errorf("--dialect %q is none of all, %v", name, fakerelay.Dialects)
}

func (a *app) serve(ctx context.Context, address string, dialects []fakerelay.Dialect) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: servedRelay(dialects), ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()

	_, err = fmt.Fprintf(a.out, "export %s=http://%s %s=%s\n", xiexus.EnvBaseURL, listener.Addr(), xiexus.EnvAPIKey, serveKey)
	if err != nil {
		_ = listener.Close()
		return err
	}
	a.note("try: xiexus wait task_completes; end with Ctrl-C")
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func servedRelay(dialects []fakerelay.Dialect) *fakerelay.Relay {
	const video = "https://cdn.example.com/video.mp4"
	relay := fakerelay.New(serveKey)
	relay.AddWaiting("task_completes", fakerelay.Completes(20*time.Second, video, dialects...))
	relay.AddWaiting("task_fails", fakerelay.Fails(10*time.Second, "the prompt did not pass the safety review", dialects...))
	relay.AddWaiting("task_flaky", fakerelay.Completes(20*time.Second, video, dialects...))
	relay.Fail("task_flaky", fakerelay.Transients()...)
	relay.AddWaiting("task_endless", fakerelay.Script{Dialects: dialects, Steps: []fakerelay.Step{
		{Status: xiexus.StatusInProgress, Progress: 50},
	}})
	return relay
}
