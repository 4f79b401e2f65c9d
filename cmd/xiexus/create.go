package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go"
)

// creation is what the flags of create say.
type creation struct {
	request  xiexus.CreateRequest
	file     string // with more of the request
	image    string
	metadata string
	wait     bool
	download bool
	to       *destination
}

func (a *app) createCommand() *cobra.Command {
	c := &creation{}
	cmd := &cobra.Command{
		Use:   "create --model MODEL --prompt TEXT",
		Short: "Submit a task, and wait for its video if you like",
		Long: `Submit a task and print it. With --wait the command goes on until the task ends,
with --download until its video is saved. The id is told on standard error the
moment it is known, and "xiexus wait" or "xiexus download" go on with it; within
ten seconds of a submit, with --just-submitted.

A task is never submitted twice: where nothing tells whether the relay has taken
it, the command says that it may exist and be charged, and ends with the code of
what went wrong, mostly 6, 7 or 130. Parameters of one vendor go into --metadata,
and fields without a flag into a file for --request.`,
		Example: `  xiexus create --model kling-v1 --prompt "a cat on a piano"
  xiexus create --model kling-v1 --prompt - --duration 5 --wait < prompt.txt
  xiexus create --model sora-2 --prompt "the same, at night" --image first.png --download -O cat.mp4
  xiexus create --model veo-3 --prompt "rain" --metadata '{"negative_prompt":"people"}'
  xiexus create --request request.json --seed 7`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.flags(cmd)
	a.waitFlags(cmd)
	c.to = a.destinationFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.create(cmd, c) }
	return cmd
}

func (c *creation) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&c.request.Model, "model", "m", "", "the model's name (required)")
	flags.StringVarP(&c.request.Prompt, "prompt", "p", "", `what the video shows (required); "-" reads standard input`)
	flags.StringVar(&c.image, "image", "", "an image to begin from: a URL or a file")
	flags.Float64Var(&c.request.Duration, "duration", 0, "the video's length in seconds")
	flags.Int64Var(&c.request.Width, "width", 0, "width in pixels")
	flags.Int64Var(&c.request.Height, "height", 0, "height in pixels")
	flags.Int64Var(&c.request.Fps, "fps", 0, "frames a second")
	flags.Int64Var(&c.request.Seed, "seed", 0, "seed of the random numbers; 0 is the relay's choice")
	flags.Int64Var(&c.request.N, "n", 0, "how many videos to make")
	flags.StringVar(&c.request.User, "user", "", "the end user, for the relay's own records")
	flags.StringVar(&c.metadata, "metadata", "", "a JSON object of the vendor's own parameters")
	flags.StringVar(&c.file, "request", "", "file with the request as a JSON object; flags win over it")
	flags.BoolVar(&c.wait, "wait", false, "wait until the task ends")
	flags.BoolVar(&c.download, "download", false, "wait, and save the video")
}

// create submits a task and goes on as far as the flags say.
func (a *app) create(cmd *cobra.Command, c *creation) error {
	if err := c.check(cmd); err != nil {
		return err
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	if c.request.Prompt == "-" {
		if c.request.Prompt, err = a.readPrompt(cmd.Context()); err != nil {
			return err
		}
	}
	return a.submit(cmd.Context(), client, c)
}

func (a *app) submit(ctx context.Context, client *xiexus.Client, c *creation) error {
	task, err := client.Create(ctx, c.request)
	if err != nil {
		return err
	}
	goesOn := c.wait || c.download
	if goesOn || !isTerminal(a.out) {
		// Also with --quiet, and where standard output may be a closed pipe: without
		// its id a task that is paid for is lost.
		_, _ = fmt.Fprintf(a.err, "created %s\n", oneLine(task.TaskID))
	}
	if !goesOn {
		return a.printer(a.out, func() int { return shownLength(task.TaskID) })(task, saved{})
	}
	if c.download {
		c.to.submitted = true
		return a.waitFor(ctx, client, idSource{{id: task.TaskID}}, c.to)
	}
	err = a.waitFor(ctx, client, idSource{{id: task.TaskID}}, nil)
	if interrupted(ctx) {
		return fmt.Errorf("%w; to go on: xiexus wait %s", err, words([]string{task.TaskID, laterFlag}, a.relayFlags()))
	}
	return err
}

// check completes the request, and refuses what cannot work.
func (c *creation) check(cmd *cobra.Command) error {
	if err := c.readRequest(cmd); err != nil {
		return usageError{fmt.Errorf("--request: %w", err)}
	}
	if c.request.Model == "" || c.request.Prompt == "" {
		return usageError{errors.New("create needs --model and --prompt")}
	}
	if c.request.Duration < 0 || min(c.request.Width, c.request.Height, c.request.Fps, c.request.N) < 0 {
		return usageError{errors.New("--duration, --width, --height, --fps and --n are not to be negative")}
	}
	if c.metadata != "" {
		if err := decodeJSON([]byte(c.metadata), &c.request.Metadata); err != nil || c.request.Metadata == nil {
			return usageError{errors.New("--metadata is not a JSON object")}
		}
	}
	if c.image != "" {
		content, err := image(c.image)
		if err != nil {
			return usageError{fmt.Errorf("--image: %w", err)}
		}
		c.request.Image = content
	}
	if c.download {
		return c.to.check(true)
	}
	return c.checkUnused(cmd)
}

// checkUnused refuses flags for what is not going to happen.
func (c *creation) checkUnused(cmd *cobra.Command) error {
	var unused error
	changed(cmd, func(flag *pflag.Flag) {
		switch flag.Name {
		case "output-file", "dir", "force", "skip-existing", "max-size", "allow-private":
			unused = usageError{fmt.Errorf("--%s goes with --download", flag.Name)}
		case "max-wait", "interval":
			if !c.wait {
				unused = usageError{fmt.Errorf("--%s goes with --wait or --download", flag.Name)}
			}
		}
	})
	return unused
}

// changed visits the flags of the command's own that were given.
func changed(cmd *cobra.Command, visit func(*pflag.Flag)) {
	cmd.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
		if flag.Changed {
			visit(flag)
		}
	})
}

// readRequest reads --request, whose fields give way to flags.
func (c *creation) readRequest(cmd *cobra.Command) error {
	if c.file == "" {
		return nil
	}
	content, err := os.ReadFile(c.file)
	if err != nil {
		return err
	}
	given := map[string]string{}
	changed(cmd, func(flag *pflag.Flag) { given[flag.Name] = flag.Value.String() })
	if err := decodeJSON(content, &c.request); err != nil {
		return err
	}
	for name, value := range given {
		if err := cmd.Flags().Set(name, value); err != nil {
			return err
		}
	}
	return nil
}

// decodeJSON decodes what is sent on: numbers as they are written, and no field
// that is not known, because a typing error would be charged.
func decodeJSON(content []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("something follows the JSON object")
	}
	return nil
}

// readPrompt reads standard input. When ctx ends first, the reading is left
// behind: nothing can interrupt it, and the command is over.
func (a *app) readPrompt(ctx context.Context) (string, error) {
	var text []byte
	read := make(chan error, 1)
	go func() {
		var err error
		text, err = io.ReadAll(a.in)
		read <- err
	}()
	select {
	case err := <-read:
		if err != nil {
			err = fmt.Errorf("read the prompt from standard input: %w", err)
		}
		return strings.TrimSpace(string(text)), err
	case <-ctx.Done():
		return "", interruptedError{}
	}
}

// image is what relays take: a URL, or a file's bytes in base64.
func image(name string) (string, error) {
	for _, scheme := range []string{"http://", "https://", "data:"} {
		if strings.HasPrefix(strings.ToLower(name), scheme) {
			return name, nil
		}
	}
	content, err := os.ReadFile(name)
	if err == nil && len(content) == 0 {
		err = fmt.Errorf("%s is empty", name)
	}
	return base64.StdEncoding.EncodeToString(content), err
}
