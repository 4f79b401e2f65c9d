package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/fakerelay"
)

// serveVideo is where all videos of serve are, so to say.
const serveVideo = "https://cdn.example.com/video.mp4"

const serveKey = "sk-any-key-will-not-do-but-this-one-does"

func (a *app) serveCommand() *cobra.Command {
	var address, dialect string
	var tasks int
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the fake relay on a port, to try programs against",
		Long: `Run a fake relay until interrupted. It prints a line for your shell that points
xiexus, or any other program, at it. Its tasks begin when they are first read:

  task_completes   completed after 20 seconds
  task_fails       failed after 10 seconds
  task_flaky       completed after 20 seconds, on a relay that keeps breaking
  task_endless     in progress for ever

They do so once: start it again for more. Any other id is a task that does not exist. --tasks adds as many as you like:
task_0001, task_0002 and so on take 5 to 60 seconds, and one in twenty fails.`,
		Example: `  xiexus serve --addr 127.0.0.1:8080
  xiexus serve --dialect stored-legacy
  xiexus serve --tasks 300`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dialects, err := parseDialect(dialect)
			if err != nil {
				return usageError{err}
			}
			return a.serve(cmd.Context(), address, servedRelay(dialects, tasks))
		},
	}
	cmd.Flags().StringVar(&address, "addr", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&dialect, "dialect", "all", "documented, stored, stored-legacy, realtime, or all in turn")
	cmd.Flags().IntVar(&tasks, "tasks", 0, "how many more tasks there are")
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

func (a *app) serve(ctx context.Context, address string, relay http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: relay, ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()

	_, err = fmt.Fprintf(a.out, "export %s=http://%s %s=%s\n", xiexus.EnvBaseURL, reachable(listener.Addr()), xiexus.EnvAPIKey, serveKey)
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

// reachable is where this machine finds a listener of any address.
func reachable(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return address.String()
}

func servedRelay(dialects []fakerelay.Dialect, more int) *fakerelay.Relay {
	relay := fakerelay.New(serveKey)
	relay.Forget()
	relay.AddWaiting("task_completes", fakerelay.Completes(20*time.Second, serveVideo, dialects...))
	relay.AddWaiting("task_fails", fakerelay.Fails(10*time.Second, "the prompt did not pass the safety review", dialects...))
	relay.AddWaiting("task_flaky", fakerelay.Completes(20*time.Second, serveVideo, dialects...))
	relay.Fail("task_flaky", fakerelay.Transients()...)
	relay.AddWaiting("task_endless", fakerelay.Script{Dialects: dialects, Steps: []fakerelay.Step{
		{Status: xiexus.StatusInProgress, Progress: 50},
	}})
	for i := range more {
		relay.AddWaiting(fmt.Sprintf("task_%04d", i+1), randomScript(dialects))
	}
	return relay
}

// randomScript is the script of a task that takes 5 to 60 seconds.
func randomScript(dialects []fakerelay.Dialect) fakerelay.Script {
	duration := 5*time.Second + rand.N(55*time.Second)
	if rand.N(20) == 0 {
		return fakerelay.Fails(duration, "the upstream gave up", dialects...)
	}
	return fakerelay.Completes(duration, serveVideo, dialects...)
}
