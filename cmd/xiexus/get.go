package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
)

func (a *app) getCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "get ID...",
		Short: "Read tasks once and print them",
		Long: `Read each task once and print it, in the order given. A task that failed is
printed like any other: only a task that could not be read is an error.
` + idsHelp,
		Example: `  xiexus get task_abc
  xiexus get task_abc task_def -o json | jq -r .url
  xiexus get - < ids.txt`,
		Args:              needsIDs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.get(cmd.Context(), args) },
	}
}

func (a *app) get(ctx context.Context, args []string) error {
	client, err := a.client()
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
	print := a.printer(a.out, func() int { return widest(ids) })
	failures := failures{app: a, single: len(ids) == 1}
	for i, read := range readAll(ctx, client, ids, min(a.concurrency, len(ids))) {
		switch {
		case interrupted(ctx):
			return fmt.Errorf("%w; %d of %d tasks not read", interruptedError{}, len(ids)-i, len(ids))
		case errors.Is(read.err, xiexus.ErrUnauthorized) && len(ids) > 1:
			return fmt.Errorf("%w; %d of %d tasks not read", read.err, len(ids)-i, len(ids))
		case read.err != nil:
			failures.add(i, read.err)
		default:
			if err := print(read.task, saved{}); err != nil {
				return err
			}
		}
	}
	return failures.err(len(ids))
}

// read is what one Get returned.
type read struct {
	task *xiexus.Task
	err  error
}

// readAll reads tasks, some at a time, and yields them in order.
func readAll(ctx context.Context, client *xiexus.Client, ids []string, atOnce int) iter.Seq2[int, read] {
	return func(yield func(int, read) bool) {
		ctx, cancel := context.WithCancel(ctx)
		reads := make([]chan read, len(ids))
		var readers sync.WaitGroup
		defer readers.Wait()
		defer cancel() // first
		start := func(i int) {
			reads[i] = make(chan read, 1)
			readers.Go(func() {
				task, err := client.Get(ctx, ids[i])
				reads[i] <- read{task, err}
			})
		}
		for i := range atOnce {
			start(i)
		}
		for i := range ids {
			done := <-reads[i]
			if next := i + atOnce; next < len(ids) {
				start(next)
			}
			if !yield(i, done) {
				return
			}
		}
	}
}
