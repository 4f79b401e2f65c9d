package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
)

func (a *app) waitCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "wait ID...",
		Short: "Wait for tasks to end and print each as it does",
		Long: `Wait until every task is completed or failed, and print each as it ends.
What happens on the way is told on standard error: on a terminal with a bar for
each running task, or one for all if there are too many, elsewhere in lines.
Lost connections, overloaded relays and the like do not end a wait; a wrong id
or key does.

` + idsHelp + ` The wait begins with the first that comes; an id that comes
again is not waited for again.`,
		Example: `  xiexus wait task_abc
  xiexus wait task_abc task_def --max-wait 10m -o json
  xiexus wait @ids.txt
  submit-many | xiexus wait - --concurrency 64 > results.jsonl`,
		Args:              needsIDs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.wait(cmd.Context(), args) },
	}
	a.waitFlags(cmd)
	a.submittedFlag(cmd)
	return cmd
}

func (a *app) wait(ctx context.Context, args []string) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	ids, err := a.idSource(args)
	if err != nil {
		return err
	}
	return a.waitFor(ctx, client, ids, nil)
}

func (a *app) waitOptions() []xiexus.WaitOption {
	options := []xiexus.WaitOption{xiexus.WithMaxWait(a.maxWait), xiexus.WithConcurrency(a.concurrency)}
	if a.submitted {
		options = append(options, xiexus.WithJustSubmitted())
	}
	if a.interval > 0 { // else the wait keeps in step with the relay
		options = append(options, xiexus.WithInterval(a.interval, 0))
	}
	return options
}
