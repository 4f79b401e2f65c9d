package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

func (a *app) getCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "get ID...",
		Short: "Read tasks once and print them",
		Long: `Read each task once and print it, in the order given. A failed task is printed
like any other and does not affect the exit code.

` + idsHelp,
		Example: `  xiexus get task_abc
  xiexus get task_abc task_def -o json | jq -r .url
  xiexus get - < ids.txt`,
		Args:              requireIDs,
		ValidArgsFunction: completeIDs,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.get(cmd.Context(), args) },
	}
}

func (a *app) get(ctx context.Context, args []string) error {
	client, err := a.newClient()
	if err != nil {
		return err
	}
	source, err := a.idSource(args)
	if err != nil {
		return err
	}
	ids, err := source.list(ctx)
	if err != nil {
		return err
	}
	return a.printTasks(ctx, client, ids)
}

// printTasks reads tasks and prints them in order.
func (a *app) printTasks(ctx context.Context, client *xiexus.Client, ids []string) error {
	idWidth := longest(ids)
	printTask := a.printer(a.Out, func() int { return idWidth })
	failures := failures{app: a, single: len(ids) == 1}
	for i, result := range getAll(ctx, client, ids, min(a.client.concurrency, len(ids))) {
		switch {
		case interrupted(ctx):
			return fmt.Errorf("%w; %d of %d tasks were not read", interruptedError{}, len(ids)-i, len(ids))
		case errors.Is(result.err, xiexus.ErrUnauthorized) && len(ids) > 1:
			return fmt.Errorf("%w; %d of %d tasks were not read", result.err, len(ids)-i, len(ids))
		case result.err != nil:
			failures.add(i, result.err, false)
		default:
			if err := printTask(result.task, saved{}); err != nil {
				return err
			}
		}
	}
	return failures.err(len(ids))
}

// longest returns the length of the longest ID.
func longest(ids []string) int {
	width := 0
	for _, id := range ids {
		width = max(width, screen.Length(id))
	}
	return width
}

// getResult is what a [xiexus.Client.Get] returned.
type getResult struct {
	task *xiexus.Task
	err  error
}

// getAll reads tasks, a limited number concurrently, and yields them in order.
func getAll(ctx context.Context, client *xiexus.Client, ids []string, limit int) iter.Seq2[int, getResult] {
	return func(yield func(int, getResult) bool) {
		ctx, cancel := context.WithCancel(ctx)
		results := make([]chan getResult, len(ids))
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel() // before waiting
		start := func(i int) {
			results[i] = make(chan getResult, 1)
			running.Go(func() {
				task, err := client.Get(ctx, ids[i])
				results[i] <- getResult{task, err}
			})
		}
		for i := range limit {
			start(i)
		}
		for i := range ids {
			result := <-results[i]
			if next := i + limit; next < len(ids) {
				start(next)
			}
			if !yield(i, result) {
				return
			}
		}
	}
}
