package command

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/status"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// fleet is a store directory and a relay.
type fleet struct {
	t     *testing.T
	relay *xiexustest.Relay
	store string
}

// newFleet starts a relay on loopback, which command lines use.
func newFleet(t *testing.T) *fleet {
	f := &fleet{t: t, relay: xiexustest.NewRelay(t), store: t.TempDir()}
	server := httptest.NewServer(f.relay)
	t.Cleanup(server.Close)
	t.Setenv(xiexus.EnvBaseURL, server.URL)
	t.Setenv(xiexus.EnvAPIKey, xiexustest.DefaultAPIKey)
	return f
}

// output is what a command line has printed.
type output struct {
	code           int
	stdout, stderr string
}

// lockedBuffer is a buffer for several goroutines, as files are.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// run runs a command line on the store until it ends.
func (f *fleet) run(ctx context.Context, args ...string) output {
	var stdout, stderr lockedBuffer
	code := Run(ctx, append(args, "--store", f.store), Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
	return output{code, stdout.String(), stderr.String()}
}

// work runs a worker until the function that it returns is called.
func (f *fleet) work(args ...string) (stop func() output) {
	ctx, cancel := context.WithCancel(f.t.Context())
	ended := make(chan output, 1)
	go func() { ended <- f.run(ctx, append([]string{"work"}, args...)...) }()
	stop = sync.OnceValue(func() output {
		cancel()
		return <-ended
	})
	f.t.Cleanup(func() { stop() })
	return stop
}

// status returns the status that the command prints.
func (f *fleet) status() status.Status {
	out := f.run(f.t.Context(), "status", "-o", "json")
	require.Equal(f.t, 0, out.code, out.stderr)
	var s status.Status
	require.NoError(f.t, json.Unmarshal([]byte(out.stdout), &s))
	return s
}

// until waits until the status is as expected.
func (f *fleet) until(what string, isReached func(status.Status) bool) status.Status {
	deadline := time.Now().Add(time.Minute)
	for {
		s := f.status()
		if isReached(s) {
			return s
		}
		require.True(f.t, time.Now().Before(deadline), "%s: %+v", what, s)
		time.Sleep(50 * time.Millisecond)
	}
}
