package command

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
)

func (a *app) resultsCommand() *cobra.Command {
	var from, until string
	cmd := &cobra.Command{
		Use:         "results",
		Short:       "Print what became of tasks, as JSON lines",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{usesStore: "yes"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.results(cmd.Context(), from, until)
		},
	}
	cmd.Flags().StringVar(&from, "from", "begin", "begin or now")
	cmd.Flags().StringVar(&until, "until", "done", "done, now or never")
	return cmd
}

func (a *app) results(ctx context.Context, from, until string) error {
	e, err := a.openEngine(ctx, false)
	if err != nil {
		return err
	}
	defer e.Close()
	policy := jetstream.DeliverAllPolicy
	if from == "now" {
		policy = jetstream.DeliverNewPolicy
	}
	consumer, err := e.Results.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{DeliverPolicy: policy})
	if err != nil {
		return err
	}
	var last uint64
	for ctx.Err() == nil {
		next, cancel := context.WithTimeout(ctx, time.Second)
		msg, err := consumer.Next(jetstream.FetchContext(next))
		cancel()
		if err == nil {
			meta, err := msg.Metadata()
			if err != nil {
				return err
			}
			last = meta.Sequence.Stream
			if _, err := fmt.Fprintf(a.Out, "%s\n", msg.Data()); err != nil {
				return err
			}
			continue
		}
		done, end, err := isDone(ctx, e)
		if err == nil && done && last >= end {
			return nil
		}
	}
	return interruptedError{}
}

// isDone reports whether nothing is waited for, and up to which message all results then are.
func isDone(ctx context.Context, e *engine.Engine) (bool, uint64, error) {
	for _, stream := range []jetstream.Stream{e.Creates, e.Waits} { // in this order: creates become waits
		info, err := stream.Info(ctx)
		if err != nil || info.State.Msgs > 0 {
			return false, 0, err
		}
	}
	info, err := e.Results.Info(ctx)
	if err != nil {
		return false, 0, err
	}
	return true, info.State.LastSeq, nil
}
