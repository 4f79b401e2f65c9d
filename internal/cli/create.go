package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

// createOptions are the flags of create.
type createOptions struct {
	request  requestOptions
	wait     bool
	download bool
	waiting  waitOptions
	to       destination
}

const createHelp = `Create a task and print it. With --wait the command waits until the task ends,
with --download until its video is saved. In both cases, and if standard output
is not a terminal, the ID of the task is printed to standard error as soon as it
is known, so that "xiexus wait" or "xiexus download" can continue later.

A create request is retried only if the relay provably did not accept it. If it is
not known whether it did, the command reports that the task may have been created
and charged, and exits with the code of the underlying error, usually 6, 7 or 130.

Use --metadata for vendor-specific parameters, and --request for a file with
fields that have no flag.`

func (a *app) createCommand() *cobra.Command {
	options := &createOptions{}
	cmd := &cobra.Command{
		Use:   "create {--model MODEL --prompt TEXT | --request FILE}",
		Short: "Create a task, and optionally wait for its video",
		Long:  createHelp,
		Example: `  xiexus create --model kling-v1 --prompt "a cat on a piano"
  xiexus create --model kling-v1 --prompt - --duration 5 --wait < prompt.txt
  xiexus create --model sora-2 --prompt "the same, at night" --image first.png --download -O cat.mp4
  xiexus create --model veo-3 --prompt "rain" --metadata '{"negative_prompt":"people"}'
  xiexus create --request request.json --seed 7`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.create(cmd, options) },
	}
	options.request.register(cmd.Flags())
	cmd.Flags().BoolVar(&options.wait, "wait", false, "wait until the task ends")
	cmd.Flags().BoolVar(&options.download, "download", false, "wait, and save the video")
	options.waiting.register(cmd.Flags())
	options.to.register(cmd)
	return cmd
}

func (a *app) create(cmd *cobra.Command, options *createOptions) error {
	if err := options.request.complete(cmd); err != nil {
		return usageError{err}
	}
	if err := options.check(cmd, a.Out); err != nil {
		return err
	}
	client, err := a.newClient(options.to.clientOptions()...)
	if err != nil {
		return err
	}
	if options.request.Prompt == "-" {
		if options.request.Prompt, err = a.readPrompt(cmd.Context()); err != nil {
			return err
		}
	}
	return a.createTask(cmd.Context(), client, options)
}

// createTask creates a task, and waits for it and downloads its video if the
// options require it.
func (a *app) createTask(ctx context.Context, client *xiexus.Client, options *createOptions) error {
	task, err := client.Create(ctx, options.request.CreateRequest)
	if err != nil {
		return err
	}
	wait := options.wait || options.download
	if wait || !screen.IsTerminal(a.Out) {
		// Even with --quiet, and because standard output may be a closed pipe: a
		// task is paid for, and without its ID it is lost.
		_, _ = fmt.Fprintf(a.Err, "created %s\n", screen.Line(task.TaskID))
	}
	if !wait {
		return a.printer(a.Out, func() int { return screen.Length(task.TaskID) })(task, saved{})
	}
	ids := idSource{{id: task.TaskID}}
	if options.download {
		return a.waitFor(ctx, client, ids, &options.waiting, &options.to)
	}
	err = a.waitFor(ctx, client, ids, &options.waiting, nil)
	if interrupted(ctx) {
		return fmt.Errorf("%w; %s", err, resumeHint([]string{"wait", task.TaskID}, a.client.args()))
	}
	return err
}

// check checks the options before the task is created, and charged.
func (o *createOptions) check(cmd *cobra.Command, stdout io.Writer) error {
	if err := o.waiting.check(); err != nil {
		return err
	}
	if o.download {
		return o.to.check(stdout, true)
	}
	return o.checkUnused(cmd)
}

// checkUnused reports flags that would have no effect.
func (o *createOptions) checkUnused(cmd *cobra.Command) error {
	var unused error
	visitChanged(cmd, func(flag *pflag.Flag) {
		switch flag.Name {
		case "output-file", "dir", "force", "skip-existing", "max-size", "allow-private":
			unused = usageError{fmt.Errorf("--%s requires --download", flag.Name)}
		case "max-wait", "interval":
			if !o.wait {
				unused = usageError{fmt.Errorf("--%s requires --wait or --download", flag.Name)}
			}
		}
	})
	return unused
}

// visitChanged visits the flags that were given, without the global ones.
func visitChanged(cmd *cobra.Command, visit func(*pflag.Flag)) {
	cmd.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
		if flag.Changed {
			visit(flag)
		}
	})
}

// readPrompt reads the prompt from standard input.
func (a *app) readPrompt(ctx context.Context) (string, error) {
	text, err := read(ctx, func() ([]byte, error) { return io.ReadAll(a.In) })
	switch {
	case errors.Is(err, context.Canceled):
		return "", err
	case err != nil:
		return "", fmt.Errorf("read the prompt from standard input: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}
