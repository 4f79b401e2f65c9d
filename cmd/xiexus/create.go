package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
)

// creation is what the flags of create say.
type creation struct {
	request  xiexus.CreateRequest
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
with --download until its video is saved; the id is told on standard error the
moment it is known, and "xiexus wait" or "xiexus download" go on with it.

A task is never submitted twice: where the relay's answer is lost, the command
says so and ends, because the task may exist and be charged. Parameters of one
vendor go into --metadata.`,
		Example: `  xiexus create --model kling-v1 --prompt "a cat on a piano"
  xiexus create --model kling-v1 --prompt - --duration 5 --wait < prompt.txt
  xiexus create --model sora-2 --prompt "the same, at night" --image first.png --download -O cat.mp4
  xiexus create --model veo-3 --prompt "rain" --metadata '{"negative_prompt":"people"}'`,
		Args: cobra.NoArgs,
	}
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
	flags.BoolVar(&c.wait, "wait", false, "wait until the task ends")
	flags.BoolVar(&c.download, "download", false, "wait, and save the video")
	a.waitFlags(cmd)
	c.to = a.destinationFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.create(cmd.Context(), c) }
	return cmd
}

// create submits a task and goes on as far as the flags say.
func (a *app) create(ctx context.Context, c *creation) error {
	if err := a.checkCreation(c); err != nil {
		return err
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	return a.submit(ctx, client, c)
}

func (a *app) submit(ctx context.Context, client *xiexus.Client, c *creation) error {
	task, err := client.Create(ctx, c.request)
	if err != nil {
		return err
	}
	if !c.wait && !c.download {
		return a.printer(a.out, func() int { return shownLength(task.TaskID) })(task, saved{})
	}
	// Also with --quiet: without its id a task that is paid for is lost.
	_, _ = fmt.Fprintf(a.err, "created %s\n", oneLine(task.TaskID))
	to := c.to
	if !c.download {
		to = nil
	}
	return a.waitFor(ctx, client, idSource{{id: task.TaskID}}, to)
}

// checkCreation completes the request, and refuses what cannot work.
func (a *app) checkCreation(c *creation) error {
	if c.request.Model == "" || c.request.Prompt == "" {
		return usageError{errors.New("create needs --model and --prompt")}
	}
	if c.request.Prompt == "-" {
		text, err := io.ReadAll(a.in)
		if err != nil {
			return fmt.Errorf("read the prompt from standard input: %w", err)
		}
		c.request.Prompt = strings.TrimSpace(string(text))
	}
	if c.metadata != "" {
		if err := json.Unmarshal([]byte(c.metadata), &c.request.Metadata); err != nil || c.request.Metadata == nil {
			return usageError{errors.New("--metadata is not a JSON object")}
		}
	}
	var err error
	if c.request.Image, err = image(c.image); err != nil {
		return usageError{fmt.Errorf("--image: %w", err)}
	}
	if c.download {
		return c.to.check(true)
	}
	return nil
}

// image is what relays take: a URL, or a file's bytes in base64.
func image(name string) (string, error) {
	for _, scheme := range []string{"http://", "https://", "data:"} {
		if strings.HasPrefix(strings.ToLower(name), scheme) {
			return name, nil
		}
	}
	if name == "" {
		return "", nil
	}
	content, err := os.ReadFile(name)
	if err == nil && len(content) == 0 {
		err = fmt.Errorf("%s is empty", name)
	}
	return base64.StdEncoding.EncodeToString(content), err
}
