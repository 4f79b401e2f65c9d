package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
)

const serveKey = "sk-any-key-will-not-do-but-this-one-does"

func (a *app) serveCommand() *cobra.Command {
	s := &serving{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the fake relay on a port, to try programs against",
		Long: `Run a fake relay until interrupted. It prints a line for your shell that points
xiexus, or any other program in any language, at it. It takes submits, and has
tasks that begin when they are first read:

  task_completes   completed after --duration
  task_fails       failed after half of that
  task_flaky       the same, on a relay that breaks nine times first: some minutes
  task_endless     in progress for ever

They do so once: start it again for more. Any other id is a task that does not
exist. --tasks adds as many as you like: task_0001, task_0002 and so on take 5 to
60 seconds, and one in twenty fails.

--video says where videos are:

  cdn          on a second port, an origin that must not see the key
  content      on the relay's own route, which needs the key and ignores ranges
  wrong-host   the same, with an address at localhost:3000, as misconfigured relays say
  data         in the address, a data URL
  none         on the relay's own route, without any address
  expired      on the second port, at an address that has expired when it is first read`,
		Example: `  xiexus serve --addr 127.0.0.1:8080
  xiexus serve --dialect stored-legacy --video wrong-host
  xiexus serve --size 1GiB --cut 20
  xiexus serve --size 20M --rate 2M --range=false
  xiexus serve --tasks 300`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(); err != nil {
				return usageError{err}
			}
			s.json = wantsJSON(cmd)
			return a.serve(cmd.Context(), s)
		},
	}
	s.flags(cmd)
	return cmd
}

// serve runs the relay, and a CDN for its videos, until ctx ends.
func (a *app) serve(ctx context.Context, s *serving) error {
	relayAt, err := net.Listen("tcp", s.address)
	if wrong := (*net.AddrError)(nil); errors.As(err, &wrong) {
		return usageError{fmt.Errorf("--addr: %w", err)}
	}
	if err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(relayAt.Addr().String())
	cdnAt, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		_ = relayAt.Close()
		return err
	}
	s.relayURL, s.cdnURL = "http://"+reachable(relayAt.Addr()), "http://"+reachable(cdnAt.Addr())
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var servers sync.WaitGroup
	defer servers.Wait()
	for listener, handler := range map[net.Listener]http.Handler{relayAt: s.relay(), cdnAt: s.cdn()} {
		servers.Go(func() { stop(serveOn(ctx, listener, a.logged(handler))) })
	}
	if err := a.announce(s); err != nil {
		stop(err)
		return err
	}
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// logged logs what a handler is asked.
func (a *app) logged(handler http.Handler) http.Handler {
	logger := a.logger()
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		logger.DebugContext(req.Context(), "request", "method", req.Method, "host", req.Host, "url", req.URL.String(), "range", req.Header.Get("Range"))
		handler.ServeHTTP(w, req)
	})
}

// serveOn serves until ctx ends, or fails.
func serveOn(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// announce tells where the relay is: on standard output in a line for a shell.
func (a *app) announce(s *serving) error {
	var err error
	if s.json {
		err = json.NewEncoder(a.out).Encode(map[string]string{"base_url": s.relayURL, "api_key": serveKey, "video_url": s.cdnURL})
	} else {
		_, err = fmt.Fprintf(a.out, "export %s=%s %s=%s\n", xiexus.EnvBaseURL, s.relayURL, xiexus.EnvAPIKey, serveKey)
	}
	if err != nil {
		return err
	}
	a.note("videos: %s", s.whereVideosAre())
	a.note(`try: xiexus download task_completes; or: xiexus create -m any -p "a cat" --download; end with Ctrl-C`)
	return nil
}

// reachable is where this machine finds a listener of any address.
func reachable(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return address.String()
}
