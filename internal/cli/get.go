package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

// getOptions are the flags of get.
type getOptions struct {
	raw bool
}

func (a *app) getCommand() *cobra.Command {
	options := &getOptions{}
	cmd := &cobra.Command{
		Use:   "get ID...",
		Short: "Read tasks once and print them",
		Long: `Read each task once and print it, in the order given. Repeated IDs are ignored. A
failed task is printed like any other and does not affect the exit code.

With --raw the responses are printed as they were received, except that the API key
is replaced, and on a terminal also control characters.

` + idsHelp,
		Example: `  xiexus get task_abc
  xiexus get task_abc task_def -o json | jq -r .url
  xiexus get task_abc --raw | jq .data
  xiexus get - < ids.txt`,
		Args:              requireIDs,
		ValidArgsFunction: a.completeIDs,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.get(cmd.Context(), args, options) },
	}
	cmd.Flags().BoolVar(&options.raw, "raw", false, "print the body of each response as received")
	return cmd
}

func (a *app) get(ctx context.Context, args []string, options *getOptions) error {
	if options.raw && a.output.format != "" {
		return usageError{errors.New("--raw and --output cannot be used together")}
	}
	client, err := a.newClient(ctx)
	if err != nil {
		return err
	}
	a.openHistory(func(error) {})
	source, err := a.idSource(ctx, args)
	if err != nil {
		return err
	}
	ids, err := listIDs(ctx, source)
	if err != nil {
		return a.nothingToDo(err)
	}
	ids = unique(ids)
	printOutcome := a.outcomePrinter(ids)
	ahead := maxAhead
	if options.raw {
		printOutcome = a.rawPrinter(len(ids) > 1)
		ahead = a.client.concurrency
	}
	printAndRecord := func(outcome xiexus.Outcome) error {
		a.recordEnd(ctx, client, outcome, saved{})
		return printOutcome(outcome)
	}
	return a.printTasks(ctx, a.readInOrder(ctx, client, ids, options.raw, ahead), len(ids), printAndRecord)
}

// outcomePrinter returns a function that prints a task.
func (a *app) outcomePrinter(ids []string) func(xiexus.Outcome) error {
	idWidth := longest(ids)
	printTask := a.printer(a.Out, func() int { return idWidth })
	return func(outcome xiexus.Outcome) error {
		if outcome.Task == nil {
			return nil
		}
		return printTask(outcome.Task, saved{})
	}
}

// printTasks prints what was read about a number of tasks, and the errors.
func (a *app) printTasks(ctx context.Context, outcomes outcomes, tasks int, printOutcome func(xiexus.Outcome) error) error {
	failures := failures{app: a, single: tasks == 1}
	for i, outcome := range outcomes {
		if interrupted(ctx) {
			return fmt.Errorf("%w; %d of %d tasks were not read", interruptedError{}, tasks-i, tasks)
		}
		if err := printOutcome(outcome); err != nil {
			return err
		}
		switch {
		case errors.Is(outcome.Err, xiexus.ErrUnauthorized) && tasks > 1:
			return fmt.Errorf("%w; %d of %d tasks were not read", outcome.Err, tasks-i, tasks)
		case outcome.Err != nil:
			failures.add(i, outcome.Err, false)
		}
	}
	return failures.err(tasks)
}

// longest returns the length of the longest ID.
func longest(ids []string) int {
	width := 0
	for _, id := range ids {
		width = max(width, screen.Length(id))
	}
	return width
}
