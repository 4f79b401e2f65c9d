package command

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"github.com/xiexus/xiexus-go/internal/taskids"
)

// submitOptions are the flags of submit.
type submitOptions struct {
	size     int
	requests string
	run      string
}

func (o *submitOptions) check(args []string) error {
	switch {
	case o.size < 1 || o.size > shard.MaxSize:
		return fmt.Errorf("--shard must be between 1 and %d", shard.MaxSize)
	case o.requests != "" && len(args) > 0:
		return errors.New("task IDs and --requests cannot be used together")
	case o.requests == "" && len(args) == 0:
		return errors.New(`give task IDs, "-" for standard input, @FILE, or --requests`)
	case o.run != "" && o.requests == "":
		return errors.New("--run requires --requests")
	}
	return nil
}

func (a *app) submitCommand() *cobra.Command {
	options := &submitOptions{}
	cmd := &cobra.Command{
		Use:   "submit ID... | --requests FILE",
		Short: "Put tasks or create requests into the queue",
		Long: `Put tasks into the queue, to be waited for by the workers, or create requests, to be
sent by them. No API key is needed.

` + taskids.Help + `
Repeated IDs are ignored. Tasks that were submitted before are polled again, but
keep their first result.

--requests names a file with create requests: one JSON object a line, or CSV with
a header, as for "xiexus create". Images must be URLs, data URLs or base64. Each
request is sent at most once, also if the file is submitted again: a request that
a worker may have sent before it was killed is not repeated, but reported as
uncertain, and one that was rejected is sent again only in another --run. The same
request on several lines is several requests. For each line, its key is printed,
which results have too, and whether it is new.`,
		Example: `  xiexus-fleet submit --store work task_abc task_def
  xiexus-fleet submit --store work @ids.txt
  xiexus-fleet submit --nats nats://n1:4222 --requests requests.jsonl --run monday`,
		Annotations: map[string]string{usesStore: "yes"},
		Args: func(_ *cobra.Command, args []string) error {
			return options.check(args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if options.requests != "" {
				return a.submitRequests(cmd.Context(), options)
			}
			return a.submitIDs(cmd.Context(), args, options)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&options.size, "shard", shard.DefaultSize, "how many tasks are kept in one message")
	flags.StringVar(&options.requests, "requests", "", "file with create requests, in JSON Lines or in CSV with a header")
	flags.StringVar(&options.run, "run", "", "name of this run: the same requests in another run create other tasks")
	return cmd
}

// submitIDs puts tasks into the queue while they are read.
func (a *app) submitIDs(ctx context.Context, args []string, options *submitOptions) error {
	ids, err := taskids.Parse(args, a.In)
	if err != nil {
		return err
	}
	e, err := a.openEngine(ctx, false)
	if err != nil {
		return err
	}
	defer e.Close()
	s := submission{app: a, engine: e, builder: shard.Builder{Size: options.size}, seen: map[[16]byte]struct{}{}}
	for id, err := range ids.All() {
		if err == nil {
			err = s.add(ctx, id)
		}
		if err != nil {
			return s.explain(err)
		}
	}
	if rest, ok := s.builder.Rest(); ok {
		err = s.put(ctx, rest)
	}
	switch {
	case err != nil:
		return s.explain(err)
	case s.tasks == 0:
		return usageError{errors.New("no task IDs given")}
	}
	a.note("submitted %s in %s", amount(int64(s.tasks), "task"), amount(int64(s.shards), "shard"))
	return nil
}

// submission is some task IDs that are put into the queue.
type submission struct {
	app           *app
	engine        *engine.Engine
	builder       shard.Builder
	seen          map[[16]byte]struct{} // the hashes of the IDs, which may be millions
	tasks, shards int                   // in the queue
}

func (s *submission) add(ctx context.Context, id string) error {
	switch {
	case len(id) > shard.MaxID:
		return usageError{fmt.Errorf("the task ID %.40q… is longer than %d bytes", id, shard.MaxID)}
	case !utf8.ValidString(id):
		return usageError{fmt.Errorf("the task ID %q is not valid UTF-8", id)}
	case s.app.secret.In([]byte(id)):
		return usageError{errors.New("a task ID contains the API key")}
	}
	sum := sha256.Sum256([]byte(id))
	hash := [16]byte(sum[:])
	if _, seen := s.seen[hash]; seen {
		return nil
	}
	s.seen[hash] = struct{}{}
	full, ok := s.builder.Add(id)
	if !ok {
		return nil
	}
	return s.put(ctx, full)
}

// put stores a shard.
func (s *submission) put(ctx context.Context, full shard.Shard) error {
	data, err := full.Encode()
	if err != nil {
		return err
	}
	if err := s.engine.Publish(ctx, full.Subject(s.engine.Subjects.Wait), full.ID, data); err != nil {
		return err
	}
	s.tasks, s.shards = s.tasks+len(full.TaskIDs), s.shards+1
	return nil
}

// explain adds to an error how much is in the queue already.
func (s *submission) explain(err error) error {
	if errors.Is(err, context.Canceled) {
		err = interruptedError{}
	}
	if s.tasks == 0 {
		return fmt.Errorf("%w; nothing was submitted", err)
	}
	return fmt.Errorf("%w; the first %d tasks were submitted", err, s.tasks)
}
