package cli

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go"
)

// requestOptions are the flags of create for the request.
type requestOptions struct {
	xiexus.CreateRequest
	file     string // with more of the request
	image    string // URL or name of a file
	metadata string
}

func (o *requestOptions) register(flags *pflag.FlagSet) {
	flags.StringVarP(&o.Model, "model", "m", "", "name of the model (required, unless in --request)")
	flags.StringVarP(&o.Prompt, "prompt", "p", "", `prompt that describes the video (required, unless in --request); "-" reads it from standard input`)
	flags.StringVar(&o.image, "image", "", "image to start from: a URL or a file")
	flags.Float64Var(&o.Duration, "duration", 0, "length of the video in seconds")
	flags.Int64Var(&o.Width, "width", 0, "width in pixels")
	flags.Int64Var(&o.Height, "height", 0, "height in pixels")
	flags.Int64Var(&o.Fps, "fps", 0, "frames per second")
	flags.Int64Var(&o.Seed, "seed", 0, "random seed; 0 lets the relay choose")
	flags.Int64Var(&o.N, "n", 0, "number of videos")
	flags.StringVar(&o.User, "user", "", "ID of the end user, sent to the relay")
	flags.StringVar(&o.metadata, "metadata", "", "vendor-specific parameters as a JSON object")
	flags.StringVar(&o.file, "request", "", "file with the request as a JSON object; other flags take precedence over it")
}

// complete adds the contents of files to the request, and checks it.
func (o *requestOptions) complete(cmd *cobra.Command) error {
	if err := o.readRequest(cmd); err != nil {
		return fmt.Errorf("--request: %w", err)
	}
	if err := o.check(); err != nil {
		return err
	}
	if o.metadata != "" {
		if err := decodeJSON([]byte(o.metadata), &o.Metadata); err != nil || o.Metadata == nil {
			return errors.New("--metadata is not a JSON object")
		}
	}
	if o.image != "" {
		image, err := readImage(o.image)
		if err != nil {
			return fmt.Errorf("--image: %w", err)
		}
		o.Image = image
	}
	return nil
}

func (o *requestOptions) check() error {
	switch {
	case o.Model == "" || o.Prompt == "":
		return errors.New("--model and --prompt are required")
	case !(o.Duration >= 0) || math.IsInf(o.Duration, 0):
		return errors.New("--duration must be a non-negative number of seconds")
	case min(o.Width, o.Height, o.Fps, o.N) < 0:
		return errors.New("--width, --height, --fps and --n must not be negative")
	}
	return nil
}

// readRequest reads the file with the request. Flags take precedence over it.
func (o *requestOptions) readRequest(cmd *cobra.Command) error {
	if o.file == "" {
		return nil
	}
	content, err := os.ReadFile(o.file)
	if err != nil {
		return err
	}
	given := map[string]string{}
	visitChanged(cmd, func(flag *pflag.Flag) { given[flag.Name] = flag.Value.String() })
	if err := decodeJSON(content, &o.CreateRequest); err != nil {
		return err
	}
	for name, value := range given {
		if err := cmd.Flags().Set(name, value); err != nil {
			return err
		}
	}
	return nil
}

// decodeJSON decodes part of a request. It keeps numbers as they are written, and
// rejects unknown fields: a request with a misspelled field would be charged too.
func decodeJSON(content []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("unexpected text after the JSON object")
	}
	return nil
}

// readImage returns an image as relays accept it: its URL, or its content in base64.
func readImage(name string) (string, error) {
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
