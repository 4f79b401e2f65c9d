package command

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go"
)

// clientFlags are the flags of commands that send requests to the relay.
type clientFlags struct {
	baseURL      string
	insecureHTTP bool
	timeout      time.Duration
}

func (f *clientFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.baseURL, "base-url", "", "base URL of the relay (default $XIEXUS_BASE_URL, or "+xiexus.DefaultBaseURL+")")
	flags.BoolVar(&f.insecureHTTP, "insecure-http", false, "allow plain http to an address that is not loopback")
	flags.DurationVar(&f.timeout, "timeout", time.Minute, "time limit for one request; 0 for no limit")
}

func (f *clientFlags) check() error {
	if f.timeout < 0 {
		return errors.New("--timeout must not be negative")
	}
	return nil
}

// requireKey reports that there is no key before anything else is done.
func (a *app) requireKey() error {
	if a.secret.IsZero() {
		return usageError{fmt.Errorf("no API key: set %s", xiexus.EnvAPIKey)}
	}
	return nil
}

// newClient returns the client of a command, whose requests a limiter delays.
func (a *app) newClient(flags *clientFlags, limiter xiexus.Limiter, options ...xiexus.Option) (*xiexus.Client, error) {
	options = append(options,
		xiexus.WithRequestTimeout(flags.timeout),
		xiexus.WithUserAgent("xiexus-fleet/"+xiexus.Version),
		xiexus.WithLogger(a.logger()),
		xiexus.WithLimiter(limiter),
	)
	if flags.baseURL != "" {
		options = append(options, xiexus.WithBaseURL(flags.baseURL))
	}
	if flags.insecureHTTP {
		options = append(options, xiexus.WithInsecureHTTP())
	}
	return xiexus.New(options...)
}
