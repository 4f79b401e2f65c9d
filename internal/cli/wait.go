package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go"
)

// waitOptions are the flags of commands that wait.
type waitOptions struct {
	maxWait  time.Duration
	interval time.Duration // 0 for the default
	hooks    hookOptions
}

// minInterval is the shortest delay between two polls of a task.
const minInterval = time.Second

func (o *waitOptions) register(flags *pflag.FlagSet) {
	flags.DurationVar(&o.maxWait, "max-wait", 30*time.Minute, "maximum time to wait for each task; 0 for no limit")
	flags.DurationVar(&o.interval, "interval", 0,
		"delay between the first two polls of a task, at least 1s; it grows to 15s (default follows the server's poll interval)")
	o.hooks.register(flags)
}

func (o *waitOptions) check() error {
	switch {
	case o.maxWait < 0:
		return usageError{errors.New("--max-wait must not be negative")}
	case o.interval != 0 && o.interval < minInterval:
		return usageError{errors.New("--interval must be at least 1s")}
	}
	return o.hooks.check()
}

// options returns the options for the client.
func (o *waitOptions) options() []xiexus.WaitOption {
	options := []xiexus.WaitOption{xiexus.WithMaxWait(o.maxWait)}
	if o.interval > 0 {
		options = append(options, xiexus.WithInterval(o.interval, 0))
	}
	return options
}

func (a *app) waitCommand() *cobra.Command {
	options := &waitOptions{}
	cmd := &cobra.Command{
		Use:   "wait ID...",
		Short: "Wait for tasks and print each as it finishes",
		Long: `Wait until every task is completed or failed, and print each as it finishes.
Progress is shown on standard error: on a terminal as one bar per running task, or
a single bar if there are too many, and otherwise as a line for each change, or with
more than 100 tasks as a summary every 10 seconds. Network
errors, overloaded relays and similar problems do not end a wait; an unknown task
ID or a rejected API key does.

` + idsHelp + `
Waiting starts as soon as the first ID is read. Repeated IDs are ignored.

` + hooksHelp,
		Example: `  xiexus wait task_abc
  xiexus wait task_abc task_def --max-wait 10m -o json
  xiexus wait @ids.txt
  xiexus wait @ids.txt --exec 'jq -r .url >> urls.txt'
  submit-many | xiexus wait - --concurrency 64 > results.jsonl`,
		Args:              requireIDs,
		ValidArgsFunction: a.completeIDs,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.wait(cmd.Context(), args, options) },
	}
	options.register(cmd.Flags())
	return cmd
}

func (a *app) wait(ctx context.Context, args []string, options *waitOptions) error {
	if err := options.check(); err != nil {
		return err
	}
	client, err := a.newClient(ctx)
	if err != nil {
		return err
	}
	a.openHistory(func(error) {})
	ids, err := a.idSource(ctx, args)
	if err != nil {
		return err
	}
	return a.nothingToDo(a.waitFor(ctx, client, ids, options, nil))
}
