package cli

import (
	"context"

	"github.com/spf13/cobra"
)

// downloadOptions are the flags of download.
type downloadOptions struct {
	wait waitOptions
	to   destination
}

func (a *app) downloadCommand() *cobra.Command {
	options := &downloadOptions{}
	cmd := &cobra.Command{
		Use:   "download ID...",
		Short: "Wait for tasks and save their videos",
		Long: `Wait until the tasks are completed, download their videos and print each task with
the name of its file. A file appears when its video is complete. Until then, the
received data is kept in a directory next to it, FILE.part; after an error, Ctrl-C
or a crash, the same command resumes the download. An existing file is an error,
unless --force (replace it) or --skip-existing (keep it and treat its task as done)
is given. If a task has several videos, all are saved: FILE-2.mp4 and so on.

` + nameHelp + `

Videos are downloaded from the URLs in the tasks, which may be on other hosts. The
API key is sent only to the relay.

` + idsHelp + "\n\n" + hooksHelp + `

Neither --exec nor --webhook runs for a task that --skip-existing skips.`,
		Example: `  xiexus download task_abc
  xiexus download task_abc -O cat.mp4
  xiexus download task_abc -O - | mpv -
  xiexus download @ids.txt --dir videos --skip-existing
  xiexus download @ids.txt --name '{date} {id}.{ext}'
  xiexus download @ids.txt --exec 'jq -r .file | xargs -d "\n" -n 1 upload'`,
		Args:              requireIDs,
		ValidArgsFunction: a.completeIDs,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.download(cmd.Context(), args, options) },
	}
	options.wait.register(cmd.Flags())
	options.to.register(cmd, nameFields())
	return cmd
}

func (a *app) download(ctx context.Context, args []string, options *downloadOptions) error {
	if err := options.wait.check(); err != nil {
		return err
	}
	client, err := a.newClient(ctx, options.to.clientOptions()...)
	if err != nil {
		return err
	}
	a.openHistory(func(error) {})
	ids, err := a.idSource(ctx, args)
	if err != nil {
		return err
	}
	if err := options.to.check(a.Out, ids.Single()); err != nil {
		return err
	}
	return a.nothingToDo(a.waitFor(ctx, client, ids, &options.wait, &options.to))
}
