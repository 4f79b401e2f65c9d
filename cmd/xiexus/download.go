package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) downloadCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "download ID...",
		Short: "Wait for tasks and save their videos",
		Long: `Wait until tasks are completed, fetch their videos and print where they are.
A file appears when its video is whole. Until then what has come is in a folder
beside it, named FILE.part: after an error, Ctrl-C or a crash the same command
goes on there. A file that exists is an error, unless --force replaces it or
--skip-existing leaves it and counts its task as done.

Videos come from wherever the tasks' addresses lead. The API key goes to the
relay and nowhere else.

` + idsHelp,
		Example: `  xiexus download task_abc
  xiexus download task_abc -O cat.mp4
  xiexus download task_abc -O - | mpv -
  xiexus download @ids.txt --dir videos --skip-existing`,
		Args:              needsIDs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	a.waitFlags(cmd)
	a.submittedFlag(cmd)
	to := a.destinationFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.download(cmd.Context(), args, to) }
	return cmd
}

func (a *app) download(ctx context.Context, args []string, to *destination) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	ids, err := a.idSource(args)
	if err != nil {
		return err
	}
	if err := to.check(ids.single()); err != nil {
		return err
	}
	return a.waitFor(ctx, client, ids, to)
}
