package command

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shared"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/worker"
)

// workOptions are the flags of work.
type workOptions struct {
	client       clientFlags
	otherBaseURL bool
	rateLimit    float64
	interval     time.Duration
	listen       string
	worker       worker.Config
}

func (o *workOptions) register(flags *pflag.FlagSet) {
	o.client.register(flags)
	flags.BoolVar(&o.otherBaseURL, "other-base-url", false, "allow another base URL than that of the first worker of the fleet, for the same relay")
	flags.Float64Var(&o.rateLimit, "rate-limit", 0, "maximum number of requests per second of all workers together; it stays set until a worker is started with another one, 0 removes it")
	flags.StringVar(&o.listen, "listen", "", "address for /metrics (Prometheus) and /healthz, such as :9090 (default none)")
	flags.StringVar(&o.worker.Name, "worker", "", "name of this worker (default the host name and a random suffix)")
	flags.IntVar(&o.worker.Concurrency, "concurrency", 16, "maximum number of concurrent polls of this worker, and of concurrent create requests")
	flags.IntVar(&o.worker.Take, "take", 16, "maximum number of shards that are polled together")
	flags.IntVar(&o.worker.BatchSize, "batch", 100, "maximum number of tasks that one request reads")
	flags.DurationVar(&o.interval, "interval", 0,
		"delay between the first two polls of a task, at least 1s; it grows to 15s (default follows the server's poll interval)")
	flags.DurationVar(&o.worker.MaxWait, "max-wait", 24*time.Hour, "maximum time to wait for each task; 0 for no limit")
}

func (o *workOptions) check() error {
	switch {
	case o.rateLimit != 0 && !(o.rateLimit >= shared.MinRate && o.rateLimit <= shared.MaxRate):
		return fmt.Errorf("--rate-limit must be 0 or between %g and %d", shared.MinRate, shared.MaxRate)
	case o.worker.Name != "" && !validName.MatchString(o.worker.Name):
		return errors.New("--worker must be 1 to 64 letters, digits, hyphens and underscores")
	case o.worker.Concurrency < 1 || o.worker.Concurrency > 10_000:
		return errors.New("--concurrency must be between 1 and 10000")
	case o.worker.Take < 1 || o.worker.Take > 1000:
		return errors.New("--take must be between 1 and 1000")
	case o.worker.BatchSize < 1 || o.worker.BatchSize > 1000:
		return errors.New("--batch must be between 1 and 1000")
	case o.interval != 0 && o.interval < time.Second:
		return errors.New("--interval must be at least 1s")
	case o.worker.MaxWait < 0:
		return errors.New("--max-wait must not be negative")
	}
	return o.client.check()
}

func (a *app) workCommand() *cobra.Command {
	options := &workOptions{}
	cmd := &cobra.Command{
		Use:   "work",
		Short: "Poll the tasks of the queue and send its create requests",
		Long: `Run a worker until it is interrupted. Run as many as you like, on as many
machines: they share the work, the rate limit, and what they learn about the
relay. When one ends, the others take over what it was doing, after 30 seconds
at the latest.

The first signal lets the worker finish the requests that are under way and hand
everything else back; a second one ends it immediately. Either way nothing is lost.`,
		Example: `  xiexus-fleet work --store work
  xiexus-fleet work --nats nats://n1:4222,nats://n2:4222,nats://n3:4222 --rate-limit 20`,
		Args:        cobra.NoArgs,
		Annotations: map[string]string{usesStore: "yes"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := options.check(); err != nil {
				return usageError{err}
			}
			return a.work(cmd.Context(), options, cmd.Flags().Changed("rate-limit"))
		},
	}
	options.register(cmd.Flags())
	return cmd
}

func (a *app) work(ctx context.Context, options *workOptions, setRate bool) error {
	if err := a.requireKey(); err != nil {
		return err
	}
	listener, err := listen(ctx, options.listen)
	if err != nil {
		return err
	}
	if listener != nil {
		defer func() { _ = listener.Close() }()
	}
	e, err := a.openEngine(ctx, true)
	if err != nil {
		return err
	}
	defer e.Close()
	state := shared.New(e.State, a.logger())
	client, err := a.newClient(&options.client, state, xiexus.WithMaxRetries(0)) // the queue repeats what was not accepted
	if err != nil {
		return usageError{err}
	}
	if err := bind(ctx, options, state, client); err != nil {
		return err
	}
	if setRate {
		if err := state.SetRate(ctx, options.rateLimit); err != nil {
			return err
		}
	}
	config := options.worker
	config.ShardSize, config.Logger = shard.DefaultSize, a.logger()
	if options.interval > 0 {
		config.Schedule = []xiexus.WaitOption{xiexus.WithInterval(options.interval, 0)}
	}
	if config.Name == "" {
		config.Name = workerName()
	}
	w, err := worker.New(config, e, client, state)
	if err != nil {
		return err
	}
	defer a.serveMetrics(listener, w, e, state)()
	a.note("worker %s is ready", config.Name)
	return w.Run(ctx)
}

// bind refuses to poll the tasks of a fleet at another relay than the other workers do.
func bind(ctx context.Context, options *workOptions, state *shared.State, client *xiexus.Client) error {
	if options.otherBaseURL {
		return nil
	}
	err := state.Bind(ctx, client.API().Server)
	if errors.Is(err, shared.ErrOtherRelay) {
		return usageError{fmt.Errorf("%w; use --name for the tasks of another relay, or --other-base-url if it is the same", err)}
	}
	return err
}

// workerName returns a name that no other worker has.
func workerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "worker"
	}
	host, _, _ = strings.Cut(host, ".")
	name := host[:min(len(host), 40)] + "-" + strings.ToLower(rand.Text()[:6])
	if !validName.MatchString(name) {
		return "worker-" + strings.ToLower(rand.Text()[:6])
	}
	return name
}
