// Package faults_test lets workers meet faults of the network, of relays and of NATS servers, and
// records what becomes of their work in docs/faults-fleet.md.
package faults_test

import (
	"crypto/tls"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"
)

const apiKey = "sk-T3stK3yThatMustNotBeSeen"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// startServer starts a NATS server in this process.
func startServer(t *testing.T, dir string, port int) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoSigs: true})
	require.NoError(t, err)
	s.Start()
	require.True(t, s.ReadyForConnections(time.Minute))
	return s
}

func stopServer(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

var update = flag.Bool("update", false, "write docs/faults-fleet.md")

const page = "../../../../docs/faults-fleet.md"

// TestFaults compares what becomes of the work with docs/faults-fleet.md. After a change, look at
// the difference that -update makes there.
func TestFaults(t *testing.T) {
	t.Setenv(xiexus.EnvAPIKey, apiKey)
	nats := startServer(t, t.TempDir(), server.RANDOM_PORT)
	t.Cleanup(func() { stopServer(nats) })
	requests := filepath.Join(t.TempDir(), "requests.jsonl")
	require.NoError(t, os.WriteFile(requests, []byte(`{"model":"m","prompt":"a cat"}`), 0o600))
	certified := httptest.NewTLSServer(http.NotFoundHandler())
	certified.Close()

	var cells []*cell
	for _, group := range groups {
		for _, f := range group.faults {
			for _, file := range []string{"", requests} {
				for _, always := range f.repetitions() {
					fleet := &fleet{urls: nats.ClientURL(), name: fmt.Sprint("fleet", len(cells))}
					config := &tls.Config{Certificates: certified.TLS.Certificates} //nolint:gosec // some faults are old versions
					cells = append(cells, &cell{fleet: fleet, fault: f, always: always, config: config, requests: file})
				}
			}
		}
	}
	errs := make([]error, len(cells))
	var running errgroup.Group // they mostly wait
	for i, c := range cells {
		running.Go(func() error {
			errs[i] = c.run(t.Context())
			return nil
		})
	}
	_ = running.Wait()
	for i, c := range cells {
		assert.NoError(t, errs[i], "%s, always: %t, requests: %s: %s", c.fault.name, c.always, c.requests, strings.Join(c.logs, "\n"))
	}
	require.False(t, t.Failed())
	compare(t, relayPage(cells))
}

func compare(t *testing.T, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(got), 0o644))
	}
	want, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
