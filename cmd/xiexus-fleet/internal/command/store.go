package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/nats-io/nats.go"
	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
)

// storeFlags are the global flags that say where the work is.
type storeFlags struct {
	urls, creds, ca, cert, key string
	dir                        string
	name                       string
	replicas                   int
}

func (f *storeFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.urls, "nats", "", "URLs of NATS servers with JetStream, separated by commas (default $NATS_URL)")
	flags.StringVar(&f.creds, "nats-creds", "", "file with the NATS credentials (default $NATS_CREDS)")
	flags.StringVar(&f.ca, "nats-ca", "", "file with the certificate authority of the NATS servers (default $NATS_CA)")
	flags.StringVar(&f.cert, "nats-cert", "", "file with the client certificate for NATS (default $NATS_CERT)")
	flags.StringVar(&f.key, "nats-key", "", "file with the key of --nats-cert (default $NATS_KEY)")
	flags.StringVar(&f.dir, "store", "", "directory of an embedded NATS server, for one machine; instead of --nats")
	flags.StringVar(&f.name, "name", "xiexus", "name of the fleet, with which its streams and buckets begin")
	flags.IntVar(&f.replicas, "replicas", 0, "how many servers store each message (default 3 in a cluster, otherwise 1)")
}

// validName matches the names that streams and subjects allow.
var validName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// check also takes from the environment what is not given; a directory has precedence.
func (f *storeFlags) check() error {
	if f.dir != "" && f.urls != "" {
		return errors.New("--nats and --store cannot be used together")
	}
	if f.dir == "" {
		f.useEnvironment()
	}
	switch {
	case f.dir == "" && f.urls == "":
		return errors.New("give --nats with the URLs of NATS servers, or --store with a directory")
	case (f.cert == "") != (f.key == ""):
		return errors.New("--nats-cert and --nats-key must be given together")
	case !validName.MatchString(f.name):
		return errors.New("--name must be 1 to 64 letters, digits, hyphens and underscores")
	case f.replicas < 0 || f.replicas > 5:
		return errors.New("--replicas must be between 1 and 5")
	}
	return nil
}

// useEnvironment reads the variables that the command nats reads, too.
func (f *storeFlags) useEnvironment() {
	for name, value := range map[string]*string{
		"NATS_URL": &f.urls, "NATS_CREDS": &f.creds, "NATS_CA": &f.ca, "NATS_CERT": &f.cert, "NATS_KEY": &f.key,
	} {
		if *value == "" {
			*value = os.Getenv(name)
		}
	}
}

// openEngine opens the streams. A patient one waits for the servers until ctx ends.
func (a *app) openEngine(ctx context.Context, patient bool) (*engine.Engine, error) {
	e, err := engine.Open(ctx, engine.Config{
		URLs: a.store.urls, Creds: a.store.creds, CA: a.store.ca, Cert: a.store.cert, Key: a.store.key,
		Store: a.store.dir, Name: a.store.name, Replicas: a.store.replicas, Patient: patient, Logger: a.logger(),
	})
	if ctx.Err() != nil && err != nil {
		return nil, interruptedError{}
	}
	if err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	return e, nil
}

// isUnreachable reports whether an error is about the connection to the servers.
func isUnreachable(err error) bool {
	return errors.Is(err, engine.ErrUnreachable) || errors.Is(err, nats.ErrNoServers) || errors.Is(err, nats.ErrConnectionClosed)
}
