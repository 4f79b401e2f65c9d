package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/fetch"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shared"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

// downloadOptions are the flags of download.
type downloadOptions struct {
	client       clientFlags
	allowPrivate bool
	group        string
	fetch        fetch.Config
}

func (o *downloadOptions) register(flags *pflag.FlagSet) {
	o.client.register(flags)
	flags.StringVar(&o.fetch.Dir, "dir", ".", "directory for the videos, made if it does not exist")
	flags.StringVar(&o.group, "group", "videos", "name of the processes that share the videos; another group downloads all of them again")
	flags.IntVar(&o.fetch.Concurrency, "concurrency", 4, "maximum number of concurrent downloads of this process")
	flags.IntVar(&o.fetch.Attempts, "attempts", 5, "how often each download is tried, also counting attempts that were interrupted")
	flags.DurationVar(&o.fetch.RetryDelay, "retry-delay", 15*time.Second, "time before the second attempt; it doubles with each one")
	flags.BoolVar(&o.fetch.Follow, "follow", false, "keep running when everything is downloaded")
	flags.BoolVar(&o.allowPrivate, "allow-private", false, "allow downloads from this machine and from private networks")
}

func (o *downloadOptions) check() error {
	switch {
	case !validName.MatchString(o.group):
		return errors.New("--group must be 1 to 64 letters, digits, hyphens and underscores")
	case o.fetch.Concurrency < 1 || o.fetch.Concurrency > 1000:
		return errors.New("--concurrency must be between 1 and 1000")
	case o.fetch.Attempts < 1 || o.fetch.Attempts > 1000:
		return errors.New("--attempts must be between 1 and 1000")
	case o.fetch.RetryDelay < 0:
		return errors.New("--retry-delay must not be negative")
	}
	return o.client.check()
}

func (a *app) downloadCommand() *cobra.Command {
	options := &downloadOptions{}
	cmd := &cobra.Command{
		Use:   "download",
		Short: "Save the videos of completed tasks",
		Long: `Download the videos of completed tasks to a directory, and print a JSON line for
each, until nothing is left to download or to wait for. Run it on as many machines
as you like: they share the videos. A file appears when its video is complete; one
that exists is kept. What is interrupted is resumed from FILE.part if it is the
same directory, and downloaded again otherwise.

A download that fails is tried again later, maybe by another process. Needs the
API key, in XIEXUS_API_KEY, which is sent only to the relay.`,
		Example: `  xiexus-fleet download --store work --dir videos
  xiexus-fleet download --nats nats://n1:4222 --dir videos --follow`,
		Args:        cobra.NoArgs,
		Annotations: map[string]string{usesStore: "yes"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := options.check(); err != nil {
				return usageError{err}
			}
			return a.download(cmd.Context(), options)
		},
	}
	options.register(cmd.Flags())
	_ = cmd.MarkFlagDirname("dir")
	return cmd
}

func (a *app) download(ctx context.Context, options *downloadOptions) error {
	if err := a.requireKey(); err != nil {
		return err
	}
	if err := os.MkdirAll(options.fetch.Dir, 0o777); err != nil { // as the user's umask allows
		return usageError{fmt.Errorf("--dir: %w", err)}
	}
	e, err := a.openEngine(ctx, true)
	if err != nil {
		return err
	}
	defer e.Close()
	state := shared.New(e.State, a.logger())
	client, err := a.newDownloadClient(options, state)
	if err != nil {
		return usageError{err}
	}
	if err := state.Load(ctx); err != nil {
		return err
	}
	queue, err := e.Downloads(ctx, options.group)
	if err != nil {
		return fmt.Errorf("open the queue of downloads: %w", err)
	}
	following, stop := context.WithCancel(ctx)
	var follower sync.WaitGroup
	follower.Go(func() { state.Run(following) })
	defer follower.Wait()
	defer stop()

	var printed report
	config := options.fetch
	config.Logger, config.Report = a.logger(), func(saved fetch.Saved) error { return printed.print(a, saved) }
	if err := fetch.New(config, e, queue, client).Run(ctx); ctx.Err() == nil && err != nil {
		return err
	}
	a.note("saved %s; %d existed, %d failed", amount(printed.saved, "video"), printed.existed, printed.failed)
	switch {
	case ctx.Err() != nil && !options.fetch.Follow:
		return interruptedError{}
	case printed.failed > 0:
		return fmt.Errorf("%s failed", amount(printed.failed, "download"))
	}
	return nil
}

func (a *app) newDownloadClient(options *downloadOptions, limiter xiexus.Limiter) (*xiexus.Client, error) {
	if options.allowPrivate {
		return a.newClient(&options.client, limiter, xiexus.WithPrivateAddresses())
	}
	return a.newClient(&options.client, limiter)
}

// report prints what became of videos, and counts them.
type report struct {
	mu                     sync.Mutex
	saved, existed, failed int64
}

func (r *report) print(a *app, saved fetch.Saved) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case saved.Error != nil:
		r.failed++
	case saved.Existed:
		r.existed++
	default:
		r.saved++
	}
	line, err := json.Marshal(saved)
	if err == nil {
		_, err = a.Out.Write(append(safetext.JSON(a.secret.Redact(line)), '\n'))
	}
	return err
}
