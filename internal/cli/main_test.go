package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/history"
	"github.com/xiexus/xiexus-go/internal/interrupt"
	"github.com/xiexus/xiexus-go/xiexustest"
	"go.uber.org/goleak"
)

// asCommand is the environment variable with which the test binary is the command.
const asCommand = "XIEXUS_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(history.Env) == "" {
		_ = os.Setenv(history.Env, "off") // nothing of a test is recorded, unless it says where
	}
	if os.Getenv(envConfig) == "" {
		_ = os.Setenv(envConfig, os.DevNull)
	}
	if os.Getenv(asCommand) != "" {
		os.Exit(Run(interrupt.Context(context.Background()), os.Args[1:], Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
	}
	startSignals()
	goleak.VerifyTestMain(m)
}

// startSignals starts the goroutine of package os/signal, which must not be in a bubble.
func startSignals() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	signal.Stop(signals)
}

const testKey = "sk-T3stK3yThatMustNotBeSeen"

const video = "https://cdn.example.com/v.mp4?a=b&c=d"

// result is the result of a command line.
type result struct {
	code     int
	out, err string
}

// runCommand runs a command line with input.
func runCommand(ctx context.Context, input string, args ...string) result {
	var out, err bytes.Buffer
	code := Run(ctx, args, Streams{Network: network, In: strings.NewReader(input), Out: &out, Err: &err})
	return result{code, out.String(), err.String()}
}

// runAndInterrupt runs a command line and interrupts it once it has printed a
// text to standard error.
func runAndInterrupt(ctx context.Context, text string, interrupt func(), args ...string) result {
	var out bytes.Buffer
	err := &triggerWriter{text: text, trigger: interrupt}
	code := Run(ctx, args, Streams{Network: network, In: strings.NewReader(""), Out: &out, Err: err})
	return result{code, out.String(), err.String()}
}

// triggerWriter calls a function once a text has been written.
type triggerWriter struct {
	bytes.Buffer
	text    string
	trigger func()
}

func (w *triggerWriter) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.text) {
		w.trigger()
	}
	return n, err
}

// lineWriter passes each write to a reader.
type lineWriter chan string

func (w lineWriter) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}

// lines decodes standard output as one object per line.
func (r result) lines(t *testing.T) []map[string]any {
	var objects []map[string]any
	for line := range strings.Lines(r.out) {
		var object map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &object), line)
		objects = append(objects, object)
	}
	return objects
}

// startRelay starts a relay on loopback and sets the environment to use it.
func startRelay(t *testing.T) *xiexustest.Relay {
	relay := xiexustest.StartRelay(xiexustest.WithAPIKey(testKey))
	server := httptest.NewServer(relay)
	t.Cleanup(server.Close)
	t.Setenv(xiexus.EnvAPIKey, testKey)
	t.Setenv(xiexus.EnvBaseURL, server.URL+"/v1/")
	return relay
}

// network is that of the relay in virtual time, or nil for the real one.
var network []xiexus.Option

// inVirtualTime runs a test with a relay in memory that all commands use.
func inVirtualTime(t *testing.T, test func(*testing.T, *xiexustest.Relay)) {
	t.Setenv(xiexus.EnvAPIKey, testKey)
	t.Setenv(xiexus.EnvBaseURL, "http://relay.localhost")
	t.Cleanup(func() { network = nil })
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t, xiexustest.WithAPIKey(testKey))
		network = []xiexus.Option{
			xiexus.WithHTTPClient(relay.HTTPClient()),
			xiexus.WithDownloadTransport(relay.HTTPClient().Transport),
		}
		test(t, relay)
	})
}
