package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
)

// submitOptions are the flags of submit.
type submitOptions struct {
	size     int
	requests string
	run      string
}

func (a *app) submitCommand() *cobra.Command {
	options := &submitOptions{}
	cmd := &cobra.Command{
		Use:         "submit ID...",
		Short:       "Put tasks, or create requests, into the queue",
		Annotations: map[string]string{usesStore: "yes"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.submit(cmd.Context(), args, options)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&options.size, "shard", shard.DefaultSize, "how many tasks are kept together")
	flags.StringVar(&options.requests, "requests", "", "file with create requests, one JSON object a line")
	flags.StringVar(&options.run, "run", "", "name of this run: the same requests with another name create other tasks")
	return cmd
}

func (a *app) submit(ctx context.Context, args []string, options *submitOptions) error {
	if options.size < 1 || options.size > shard.MaxSize {
		return usageError{fmt.Errorf("--shard must be between 1 and %d", shard.MaxSize)}
	}
	e, err := a.openEngine(ctx, false)
	if err != nil {
		return err
	}
	defer e.Close()
	if options.requests != "" {
		return a.submitRequests(ctx, e, options)
	}
	return a.submitIDs(ctx, e, args, options)
}

func (a *app) submitIDs(ctx context.Context, e *engine.Engine, args []string, options *submitOptions) error {
	builder := shard.Builder{Size: options.size}
	tasks, shards := 0, 0
	put := func(s shard.Shard, ok bool) error {
		if !ok {
			return nil
		}
		if err := putShard(ctx, e, s); err != nil {
			return fmt.Errorf("after %d tasks: %w", tasks, err)
		}
		tasks, shards = tasks+len(s.TaskIDs), shards+1
		return nil
	}
	for _, arg := range args {
		var in io.Reader = strings.NewReader(arg)
		if arg == "-" {
			in = a.In
		} else if name, ok := strings.CutPrefix(arg, "@"); ok {
			file, err := os.Open(name)
			if err != nil {
				return usageError{err}
			}
			defer file.Close()
			in = file
		}
		words := bufio.NewScanner(in)
		words.Split(bufio.ScanWords)
		for words.Scan() {
			if err := put(builder.Add(words.Text())); err != nil {
				return err
			}
		}
		if err := words.Err(); err != nil {
			return err
		}
	}
	if err := put(builder.Rest()); err != nil {
		return err
	}
	if tasks == 0 {
		return usageError{errors.New("no task IDs given")}
	}
	a.note("submitted %d tasks in %d shards", tasks, shards)
	return nil
}

func putShard(ctx context.Context, e *engine.Engine, s shard.Shard) error {
	data, err := s.Encode()
	if err != nil {
		return err
	}
	return engine.Retry(ctx, func(ctx context.Context) error {
		_, err := e.JS.Publish(ctx, e.Subjects.Wait, data, jetstream.WithMsgID(s.ID))
		return err
	})
}
