package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/textfile"
)

// clientFlags are the global flags that configure the client.
type clientFlags struct {
	profile      string
	baseURL      string
	keyFile      string
	maxRetries   int
	timeout      time.Duration
	concurrency  int
	rateLimit    float64 // requests per second, or 0
	insecureHTTP bool
	maxResponse  size
}

func (f *clientFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.profile, "profile", "", `relay of the configuration file (default $XIEXUS_PROFILE); see "xiexus help profiles"`)
	flags.StringVar(&f.baseURL, "base-url", "", "base URL of the relay (default that of the profile, or $XIEXUS_BASE_URL, or "+xiexus.DefaultBaseURL+")")
	flags.StringVar(&f.keyFile, "api-key-file", "", "file to read the API key from (default that of the profile, or $XIEXUS_API_KEY)")
	flags.IntVar(&f.maxRetries, "max-retries", 2, "how many times to retry a failed request; create requests are retried only if the relay did not accept them; does not limit polling")
	flags.DurationVar(&f.timeout, "timeout", time.Minute, "time limit for one request; 0 for no limit")
	flags.IntVar(&f.concurrency, "concurrency", 16, "maximum number of concurrent requests")
	flags.Var(&f.maxResponse, "max-response-size", "maximum size of a response other than a video, such as 64M for videos in data URLs (default 16M)")
	flags.Float64Var(&f.rateLimit, "rate-limit", 0, "maximum number of requests to the relay per second (default no limit)")
	flags.BoolVar(&f.insecureHTTP, "insecure-http", false, "allow plain http to an address that is not loopback")
}

func (f *clientFlags) check() error {
	switch {
	case f.maxRetries < 0:
		return errors.New("--max-retries must not be negative")
	case f.timeout < 0:
		return errors.New("--timeout must not be negative")
	case f.concurrency < 1 || f.concurrency > 10_000: // the limits of the library
		return errors.New("--concurrency must be between 1 and 10000")
	case !(f.rateLimit >= 0):
		return errors.New("--rate-limit must not be negative")
	}
	return nil
}

// args returns the flags as they are given to another command for the same relay.
func (f *clientFlags) args() []string {
	var args []string
	if f.profile != "" {
		args = append(args, "--profile", f.profile)
	}
	if f.baseURL != "" {
		args = append(args, "--base-url", f.baseURL)
	}
	if f.keyFile != "" {
		args = append(args, "--api-key-file", f.keyFile)
	}
	if f.insecureHTTP {
		args = append(args, "--insecure-http")
	}
	if f.maxResponse > 0 {
		args = append(args, "--max-response-size", strconv.FormatInt(int64(f.maxResponse), 10))
	}
	return args
}

// newClient returns the client that the flags and the environment describe.
func (a *app) newClient(ctx context.Context, extra ...xiexus.Option) (*xiexus.Client, error) {
	relay, err := a.relay(ctx)
	if err != nil {
		return nil, usageError{err}
	}
	key, err := a.key(ctx, relay)
	if err != nil {
		return nil, usageError{err}
	}
	for _, arg := range a.args {
		if a.secret.In([]byte(arg)) {
			return nil, usageError{fmt.Errorf("the command line contains the API key, and is visible to others; set %s or use --api-key-file", xiexus.EnvAPIKey)}
		}
	}
	if err := useAllProxy(); err != nil {
		return nil, usageError{err}
	}
	options := append([]xiexus.Option{
		xiexus.WithAPIKey(key),
		xiexus.WithMaxRetries(a.client.maxRetries),
		xiexus.WithRequestTimeout(a.client.timeout),
		xiexus.WithUserAgent("xiexus/" + version()),
		xiexus.WithAcceptLanguage(acceptLanguage(os.Getenv)),
		xiexus.WithLogger(a.logger()),
	}, slices.Concat(a.Network, extra)...)
	if relay.baseURL != "" {
		options = append(options, xiexus.WithBaseURL(relay.baseURL))
	}
	if a.client.maxResponse > 0 {
		options = append(options, xiexus.WithMaxResponseSize(int64(a.client.maxResponse)))
	}
	if a.client.rateLimit > 0 {
		options = append(options, xiexus.WithRateLimit(a.client.rateLimit, 1))
	}
	if a.client.insecureHTTP {
		options = append(options, xiexus.WithInsecureHTTP())
	}
	client, err := xiexus.New(options...)
	if err != nil {
		return nil, usageError{relay.invalid(err)}
	}
	return client, nil
}

// readKey does not return errors with the name of the file: it may be the key,
// given by mistake.
func readKey(ctx context.Context, name string) (string, error) {
	content, err := read(ctx, func() ([]byte, error) { return readStart(name) })
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		err = path.Err
	}
	if err != nil {
		return "", err
	}
	return textfile.Decode(content)
}

// readStart reads a file up to a size that no key has.
func readStart(name string) ([]byte, error) {
	const maxSize = 64 << 10
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, maxSize))
}
