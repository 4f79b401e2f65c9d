package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

const serveHelp = `Run a fake relay until interrupted. It prints an export line: run in the shell of
another terminal, it makes xiexus, and any program that reads the same variables,
use the fake relay. It accepts create requests, and has some built-in tasks, which
start when they are first read:

  task_completes   completes after --duration
  task_fails       fails after half of that
  task_flaky       completes, but its first nine reads fail; takes a few minutes
  task_endless     stays in progress forever

Each runs once; restart the relay to run them again. Other IDs are not found.
--tasks adds more: task_0001, task_0002 and so on, which take 5 to 60 seconds;
every twentieth one fails.

If standard error is a terminal, or with --log, each request is logged there with the
status of its response. --quiet turns that off.

--video sets where the videos are:

  cdn          on a second port, an origin that must not receive the API key
  content      on the relay's own endpoint: requires the key, ignores range requests
  wrong-host   the same, with a URL on localhost:3000, as from a misconfigured relay
  data         in the task, as a data URL
  none         on the relay's own endpoint, without a URL in the task
  expired      on the second port; the first read returns an expired URL`

func (a *app) serveCommand() *cobra.Command {
	options := &serveOptions{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run a fake relay for testing programs",
		Long:  serveHelp,
		Example: `  xiexus serve --addr 127.0.0.1:8080
  xiexus serve --dialect stored-legacy --video wrong-host
  xiexus serve --size 1GiB --cut 20
  xiexus serve --size 20M --rate 2M --range=false
  xiexus serve --tasks 300`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), options) },
	}
	options.register(cmd)
	return cmd
}

// serve serves a relay, and a CDN for its videos, until ctx ends.
func (a *app) serve(ctx context.Context, options *serveOptions) error {
	defer closedPipeIsError()() // nobody has to read what is logged
	if err := options.check(); err != nil {
		return usageError{err}
	}
	relayListener, cdnListener, err := listen(ctx, options.address)
	if err != nil {
		return err
	}
	serving := serving{serveOptions: options, relayURL: baseURL(relayListener), cdnURL: baseURL(cdnListener)}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	log := a.requestLog(options)
	defer log.close()
	var servers sync.WaitGroup
	defer servers.Wait()
	servers.Go(func() { stop(serveHTTP(ctx, relayListener, log.wrap(serving.relay()))) })
	servers.Go(func() { stop(serveHTTP(ctx, cdnListener, log.wrap(serving.cdn()))) })
	if err := a.announce(&serving); err != nil {
		stop(err)
		return err
	}
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// requestLog starts the log of requests, unless there is to be none.
func (a *app) requestLog(options *serveOptions) *requestLog {
	if a.output.quiet || !options.log && !a.output.verbose && a.terminal == nil {
		return nil
	}
	return startRequestLog(a.Err, a.secret.Redact)
}

// listen listens on an address, and on a free port of the same host.
func listen(ctx context.Context, address string) (relay, cdn net.Listener, err error) {
	var config net.ListenConfig
	relay, err = config.Listen(ctx, "tcp", address)
	var invalid *net.AddrError
	var unknown *net.DNSError
	if errors.As(err, &invalid) || errors.As(err, &unknown) {
		return nil, nil, usageError{fmt.Errorf("--addr: %w", err)}
	}
	if err != nil {
		return nil, nil, err
	}
	host, _, _ := net.SplitHostPort(relay.Addr().String())
	if cdn, err = config.Listen(ctx, "tcp", net.JoinHostPort(host, "0")); err != nil {
		_ = relay.Close()
		return nil, nil, err
	}
	return relay, cdn, nil
}

// baseURL returns the URL of a server on this machine, for other machines if it listens on
// all addresses.
func baseURL(listener net.Listener) string {
	address := listener.Addr()
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		addresses, _ := net.InterfaceAddrs() // without any, nothing but loopback is left
		return "http://" + net.JoinHostPort(ownAddress(addresses).String(), strconv.Itoa(tcp.Port))
	}
	return "http://" + address.String()
}

// ownAddress returns the first address at which other machines may reach this one, or that of
// loopback.
func ownAddress(addresses []net.Addr) net.IP {
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.IP.To4() != nil && network.IP.IsGlobalUnicast() {
			return network.IP
		}
	}
	return net.IPv4(127, 0, 0, 1)
}

// serveHTTP serves until ctx ends, which is not an error.
func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// announce prints the URLs: on standard output as a line for a shell, or in JSON.
func (a *app) announce(s *serving) error {
	var err error
	if a.wantsJSON() {
		err = json.NewEncoder(a.Out).Encode(map[string]string{"base_url": s.relayURL, "api_key": xiexustest.DefaultAPIKey, "video_url": s.cdnURL})
	} else {
		_, err = fmt.Fprintf(a.Out, "export %s=%s %s=%s\n", xiexus.EnvBaseURL, s.relayURL, xiexus.EnvAPIKey, xiexustest.DefaultAPIKey)
	}
	if err != nil {
		return err
	}
	a.note("videos: %s", s.videosAt())
	if host, err := url.Parse(s.relayURL); err == nil && !net.ParseIP(host.Hostname()).IsLoopback() {
		a.note("this relay is not on loopback: xiexus requires --insecure-http, and --allow-private for downloads")
	}
	a.note(`try: xiexus download task_completes; or: xiexus create -m any -p "a cat" --download; stop with Ctrl-C`)
	return nil
}
