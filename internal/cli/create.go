package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
	"github.com/xiexus/xiexus-go/internal/requestfile"
	"github.com/xiexus/xiexus-go/internal/taskids"
)

// createOptions are the flags of create.
type createOptions struct {
	request  requestOptions
	batch    batchOptions
	noRecord bool
	wait     bool
	download bool
	waiting  waitOptions
	to       destination
}

// waits reports whether to wait for the tasks.
func (o *createOptions) waits() bool { return o.wait || o.download }

const createHelp = `Create a task and print it. With --wait the command waits until the task ends,
with --download until its video is saved. In both cases, and if standard output
is not a terminal, the ID of the task is printed to standard error as soon as it
is known, unless --quiet is given, so that "xiexus wait" or "xiexus download" can
continue later.

A create request is retried only if the relay provably did not accept it. If it is
not known whether it did, the command reports that the task may have been created
and charged, and exits with the code of the underlying error, usually 6, 7 or 130.

Which fields have an effect depends on the vendor behind the model. Relays silently
drop the others and charge all the same. So --width and --height are also sent as
--size, and --duration as --seconds, unless those are given. An --image that is a
file is sent as a data URL; Kling and Jimeng require --image-as base64. Several
images are sent as a list, which vendors take as the first and the last frame, or
as references. Use --metadata for vendor-specific parameters, and --request for a
file with fields that have no flag: those are sent as they are, with a note.

--requests FILE creates many tasks: one for each line, either a JSON object or, after
a first line with the names of the fields, values in CSV. What became of each is
appended to FILE.results as soon as it is known. The same command, run again after
an interrupt or a crash, submits only what has not been submitted yet, and waits
for and downloads the videos of all. A request whose response was lost is marked
as uncertain and never repeated: check the relay's task list, then remove its lines
from the results file to submit it again. The command stops submitting after three
errors in a row that are not about a single request.

A file that exists already is noticed before the request is sent: it is an error, unless
--force is given, or --skip-existing, with which nothing is submitted then.

Tasks are recorded on this machine, with their prompts, before they are submitted;
see "xiexus list --help". --no-history prevents that.

` + nameHelp + `

For --exec and --webhook, see "xiexus wait --help".`

// output returns the file or the directory that videos are to be saved to, or nothing.
func (o *createOptions) output() string {
	if !o.download {
		return ""
	}
	return o.to.output()
}

func (a *app) createCommand() *cobra.Command {
	options := &createOptions{}
	cmd := &cobra.Command{
		Use:   "create {--model MODEL --prompt TEXT | --request FILE | --requests FILE}",
		Short: "Create tasks, and optionally wait for their videos",
		Long:  createHelp,
		Example: `  xiexus create --model kling-v1 --prompt "a cat on a piano"
  xiexus create --model kling-v1 --prompt - --duration 5 --wait < prompt.txt
  xiexus create --model sora-2 --prompt "the same, at night" --image first.png --download -O cat.mp4
  xiexus create --model viduq1 --prompt "sunrise" --image first.png --image last.png
  xiexus create --model veo-3 --prompt "rain" --metadata '{"negative_prompt":"people"}'
  xiexus create --request request.json --seed 7
  xiexus create --requests scenes.csv --model kling-v1 --download --dir videos
  xiexus create --requests scenes.csv --download --name '{model} {prompt} {id}.{ext}'`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.create(cmd, options) },
	}
	options.request.register(cmd)
	a.completeModels(cmd)
	options.batch.register(cmd.Flags())
	cmd.Flags().BoolVar(&options.noRecord, "no-history", false, `do not record the tasks for "xiexus list"`)
	cmd.Flags().BoolVar(&options.wait, "wait", false, "wait until the tasks end")
	cmd.Flags().BoolVar(&options.download, "download", false, "wait, and save the videos")
	options.waiting.register(cmd.Flags())
	options.to.register(cmd, createNameFields())
	return cmd
}

func (a *app) create(cmd *cobra.Command, options *createOptions) error {
	defer closedPipeIsError()() // tasks are paid for, and their IDs must not be lost
	if err := options.check(cmd, a.Out); err != nil {
		return err
	}
	given, err := options.request.given(cmd)
	if err != nil {
		return usageError{err}
	}
	client, err := a.newClient(cmd.Context(), options.to.clientOptions()...)
	if err != nil {
		return err
	}
	if !options.noRecord {
		tasks := "this task"
		if options.batch.file != "" {
			tasks = "some tasks"
		}
		a.openHistory(a.warnOfHistory(tasks))
	}
	if string(given["prompt"]) == `"-"` {
		prompt, err := a.readPrompt(cmd.Context())
		if err != nil {
			return err
		}
		given["prompt"] = requestfile.Quote(prompt)
	}
	if options.batch.file != "" {
		requests, err := a.readRequests(cmd.Context(), options, given)
		if err != nil {
			return usageError{err}
		}
		return a.createBatch(cmd.Context(), client, options, requests)
	}
	request, err := options.request.read(cmd.Context(), given)
	if err != nil {
		return usageError{err}
	}
	a.noteUnknown(request.Unknown())
	loaded, err := options.request.image.loadFields(request)
	if err != nil {
		return usageError{err}
	}
	return a.createTask(cmd.Context(), client, options, loaded)
}

// createTask creates a task, and waits for it and downloads its video if the
// options require it.
func (a *app) createTask(ctx context.Context, client *xiexus.Client, options *createOptions, request xiexus.CreateRequest) error {
	to := options.to
	if options.download {
		to.name = to.name.withRequest(request.Model, request.Prompt)
		kept, err := to.checkNew()
		if err != nil {
			return err
		}
		if kept != "" {
			a.note("%s already exists; nothing was submitted", screen.Line(kept))
			return nil
		}
		to.skipExisting = false // a file that appears from now on is not the video of the new task
	}
	task, err := a.submit(ctx, client, request, options.output())
	if err != nil {
		return err
	}
	if options.waits() || !screen.IsTerminal(a.Out) {
		a.note("created %s", screen.Line(task.TaskID))
	}
	switch ids := taskids.Of(task.TaskID); {
	case options.download:
		err := a.waitFor(ctx, client, ids, &options.waiting, &to)
		return to.withOtherName(err, task.TaskID, a.client.args())
	case options.wait:
		return a.waitFor(ctx, client, ids, &options.waiting, nil)
	}
	err = a.printer(a.Out, func() int { return screen.Length(task.TaskID) })(task, saved{})
	if err != nil { // standard output may be a closed pipe, but the task is paid for
		return fmt.Errorf("created %s, but could not print it: %w", task.TaskID, err)
	}
	return nil
}

// check checks the options before the task is created, and charged.
func (o *createOptions) check(cmd *cobra.Command, stdout io.Writer) error {
	if err := o.waiting.check(); err != nil {
		return err
	}
	if err := o.request.image.checkFlags(); err != nil {
		return usageError{err}
	}
	if o.request.file != "" && o.batch.file != "" {
		return usageError{errors.New("--request and --requests cannot be used together")}
	}
	if o.download {
		if err := o.to.check(stdout, o.batch.file == ""); err != nil {
			return err
		}
	}
	return o.checkUnused(cmd)
}

// checkUnused reports flags that would have no effect.
func (o *createOptions) checkUnused(cmd *cobra.Command) error {
	var unused error
	visitChanged(cmd, func(flag *pflag.Flag) {
		switch flag.Name {
		case "output-file", "dir", "name", "force", "skip-existing", "max-size", "allow-private":
			if !o.download {
				unused = usageError{fmt.Errorf("--%s requires --download", flag.Name)}
			}
		case "max-wait", "interval", "exec", "webhook", "hook-timeout":
			if !o.waits() {
				unused = usageError{fmt.Errorf("--%s requires --wait or --download", flag.Name)}
			}
		case "results":
			if o.batch.file == "" {
				unused = usageError{fmt.Errorf("--%s requires --requests", flag.Name)}
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
