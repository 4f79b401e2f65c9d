// Package faults_test lets workers meet faults of the network, of relays and of NATS servers, and
// records what becomes of their work in docs/faults-fleet.md.
package faults_test

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"go.uber.org/goleak"
)

const apiKey = "sk-T3stK3yThatMustNotBeSeen"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// runServer starts a NATS server in this process.
func runServer(dir string, port int) (*server.Server, error) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoSigs: true})
	if err != nil {
		return nil, err
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		stopServer(s)
		return nil, errors.New("the NATS server does not start")
	}
	return s, nil
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
	nats, err := runServer(t.TempDir(), server.RANDOM_PORT)
	require.NoError(t, err)
	t.Cleanup(func() { stopServer(nats) })
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute) // if nothing works any more
	t.Cleanup(cancel)
	cells := cellsOf(t, nats.ClientURL())
	storeCells := storeCellsOf(t)

	var running sync.WaitGroup // all at the same time: they mostly wait
	errs := make([]error, len(cells))
	for i, c := range cells {
		running.Go(func() { errs[i] = c.run(ctx) })
	}
	storeErrs := make([]error, len(storeCells))
	for i, c := range storeCells {
		running.Go(func() { storeErrs[i] = c.run(ctx) })
	}
	running.Wait()
	for i, c := range cells {
		assert.NoErrorf(t, errs[i], "%s, always: %t, requests: %s: %s", c.fault.name, c.always, c.requests, strings.Join(c.logs, "\n")) //nolint:testifylint // of all cells
	}
	for i, c := range storeCells {
		assert.NoErrorf(t, storeErrs[i], "%s: %s", c.fault.name, c.logs) //nolint:testifylint // of all cells
	}
	require.False(t, t.Failed())
	compare(t, newPage(cells, storeCells))
}

// cellsOf returns the cells of all faults between workers and relays.
func cellsOf(t *testing.T, urls string) (cells []*cell) {
	requests, turns := requestFile(t, 1), newTurns()
	certified := httptest.NewTLSServer(http.NotFoundHandler())
	certified.Close()
	for _, group := range groups {
		for _, f := range group.faults {
			for _, file := range []string{"", requests} {
				for _, always := range f.repetitions() {
					fleet := &fleet{urls: urls, name: fmt.Sprint("fleet", len(cells)), turns: turns}
					config := &tls.Config{Certificates: certified.TLS.Certificates} //nolint:gosec // some faults are old versions
					cells = append(cells, &cell{fleet: fleet, fault: f, always: always, config: config, requests: file})
				}
			}
		}
	}
	return cells
}

// storeCellsOf returns the cells of all faults of NATS servers.
func storeCellsOf(t *testing.T) (cells []*storeCell) {
	requests := requestFile(t, storedRequests)
	for _, f := range storeFaults {
		cells = append(cells, &storeCell{fault: f, requests: requests, dir: t.TempDir()})
	}
	return cells
}

// requestFile returns a file with create requests.
func requestFile(t *testing.T, n int) string {
	file := filepath.Join(t.TempDir(), "requests.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat(`{"model":"m","prompt":"a cat"}`+"\n", n)), 0o600))
	return file
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
