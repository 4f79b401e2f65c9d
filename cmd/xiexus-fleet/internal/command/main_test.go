package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/command"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/xiexustest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "sk-T3stK3yThatMustNotBeSeen"

// result is the result of a command line.
type result struct {
	code     int
	out, err string
}

// run runs a command line with input.
func run(ctx context.Context, input string, args ...string) result {
	var out, err buffer
	code := command.Run(ctx, args, command.Streams{In: strings.NewReader(input), Out: &out, Err: &err})
	return result{code, out.String(), err.String()}
}

// buffer is a buffer that a command may write to while it is read.
type buffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// startRelay starts a relay on loopback, and sets the environment for it.
func startRelay(t *testing.T) *xiexustest.Relay {
	relay := xiexustest.NewRelay(t, xiexustest.WithAPIKey(testKey))
	server := httptest.NewServer(relay)
	t.Cleanup(server.Close)
	t.Setenv(xiexus.EnvAPIKey, testKey)
	t.Setenv(xiexus.EnvBaseURL, server.URL)
	return relay
}

// running is a worker that runs in the background.
type running struct {
	cancel context.CancelFunc
	result chan result
}

func startWorker(t *testing.T, store string, args ...string) *running {
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{cancel, make(chan result, 1)}
	go func() { r.result <- run(ctx, "", append([]string{"work", "--store", store}, args...)...) }()
	t.Cleanup(func() { r.stop(t) })
	return r
}

// stop interrupts the worker and returns its result.
func (r *running) stop(t *testing.T) result {
	r.cancel()
	select {
	case got := <-r.result:
		r.result <- got
		return got
	case <-time.After(time.Minute):
		t.Error("the worker does not stop")
		return result{}
	}
}

// results returns the results that are printed until nothing is waited for.
func results(t *testing.T, store string, code int, args ...string) []outcome.Result {
	got := run(t.Context(), "", append([]string{"results", "--store", store}, args...)...)
	require.Equal(t, code, got.code, got.err)
	var all []outcome.Result
	for line := range strings.Lines(got.out) {
		var r outcome.Result
		require.NoError(t, json.Unmarshal([]byte(line), &r), line)
		all = append(all, r)
	}
	return all
}

// kinds returns the kind of error of each result, by task or request.
func kinds(results []outcome.Result) map[string]string {
	kinds := map[string]string{}
	for _, r := range results {
		kind := "done"
		if r.Error != nil {
			kind = r.Error.Kind
		}
		kinds[r.TaskID+r.Request] = kind
	}
	return kinds
}

func storeDir(t *testing.T) string { return filepath.Join(t.TempDir(), "work") }
