package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/requestfile"
)

// requestOptions are the flags of create for the request.
type requestOptions struct {
	file   string // with more of the request
	images []string
	image  imageOptions
}

const imageHelp = "image to start from: a file, a URL, a data URL or base64; give it twice for the first and the last frame"

func (o *requestOptions) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	var request xiexus.CreateRequest // the values are read by the names of the flags
	flags.StringVarP(&request.Model, "model", "m", "", "name of the model (required, unless in --request or --requests)")
	flags.StringVarP(&request.Prompt, "prompt", "p", "", `prompt that describes the video (required, unless in --request or --requests); "-" reads it from standard input`)
	flags.StringArrayVar(&o.images, "image", nil, imageHelp)
	flags.StringVar(&request.InputReference, "input-reference", "", "image to start from, for Sora models, as in --image")
	flags.Float64Var(&request.Duration, "duration", 0, "length of the video in whole seconds; also sent as --seconds")
	flags.StringVar(&request.Seconds, "seconds", "", "length of the video in whole seconds, for vendors that read it as text")
	flags.Int64Var(&request.Width, "width", 0, "width in pixels; with --height also sent as --size")
	flags.Int64Var(&request.Height, "height", 0, "height in pixels")
	flags.StringVar(&request.Size, "size", "", `width and height in pixels, such as "1280x720", or what else the vendor calls a size`)
	flags.StringVar(&request.Mode, "mode", "", `quality, such as "std" or "pro"`)
	flags.Int64Var(&request.Fps, "fps", 0, "frames per second")
	flags.Int64Var(&request.Seed, "seed", 0, "random seed (default chosen by the relay)")
	flags.Int64Var(&request.N, "n", 0, "number of videos")
	flags.StringVar(&request.User, "user", "", "ID of the end user, sent to the relay")
	flags.String("metadata", "", "vendor-specific parameters as a JSON object")
	flags.StringVar(&o.file, "request", "", "file with the request as a JSON object; other flags take precedence over it")
	o.image.register(cmd)
}

// given returns the fields that flags set.
func (o *requestOptions) given(cmd *cobra.Command) (requestfile.Fields, error) {
	given := requestfile.Fields{}
	known := requestfile.Known()
	var failed error
	visitChanged(cmd, func(flag *pflag.Flag) {
		name := strings.ReplaceAll(flag.Name, "-", "_")
		if _, ok := known[name]; !ok || name == "image" {
			return
		}
		if err := given.SetText(name, flag.Value.String()); err != nil && failed == nil {
			failed = fmt.Errorf("--%s %w", flag.Name, err)
		}
	})
	switch {
	case slices.Contains(o.images, ""):
		return nil, errors.New("--image must not be empty")
	case len(o.images) == 1:
		given["image"] = requestfile.Quote(o.images[0])
	case len(o.images) > 1:
		given["images"], _ = json.Marshal(o.images)
	}
	return given, failed
}

// read returns the fields of the file with the request, if there is one, and of flags,
// which take precedence.
func (o *requestOptions) read(ctx context.Context, given requestfile.Fields) (requestfile.Fields, error) {
	request := requestfile.Fields{}
	if o.file != "" {
		text, err := readText(ctx, o.file)
		if err == nil {
			request, err = requestfile.Decode(text)
		}
		if err != nil {
			return nil, fmt.Errorf("--request: %w", err)
		}
	}
	request = request.Replace(given)
	if request["model"] == nil || request["prompt"] == nil {
		return nil, errors.New("--model and --prompt are required")
	}
	return request, o.image.checkFields(request)
}
