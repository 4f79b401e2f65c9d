package worker

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shared"
	"github.com/xiexus/xiexus-go/xiexustest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newWorker returns a worker with an embedded server and a relay, and nothing running.
func newWorker(t *testing.T) (*Worker, *xiexustest.Relay) {
	relay := xiexustest.NewRelay(t)
	server := httptest.NewServer(relay)
	t.Cleanup(server.Close)
	logger := slog.New(slog.DiscardHandler)
	e, err := engine.Open(t.Context(), engine.Config{Store: t.TempDir(), Name: "fleet", Logger: logger})
	require.NoError(t, err)
	t.Cleanup(e.Close)
	state := shared.New(e.State, logger)
	client, err := xiexus.New(xiexus.WithAPIKey(relay.APIKey()), xiexus.WithBaseURL(server.URL), xiexus.WithLimiter(state), xiexus.WithMaxRetries(0))
	require.NoError(t, err)
	w, err := New(Config{Name: "w", ShardSize: 10, Take: 16, Concurrency: 4, BatchSize: 100, Logger: logger}, e, client, state)
	require.NoError(t, err)
	return w, relay
}

// endless adds tasks that do not end.
func endless(relay *xiexustest.Relay, n int) (ids []string) {
	for i := range n {
		id := fmt.Sprintf("task_%d", i)
		relay.Add(id, xiexustest.Script{Dialects: []xiexustest.Dialect{xiexustest.Stored}})
		ids = append(ids, id)
	}
	return ids
}

// waiting returns how many shards are in the queue.
func waiting(t *testing.T, w *Worker) int {
	info, err := w.engine.Waits.Info(t.Context())
	require.NoError(t, err)
	return int(info.State.Msgs)
}

// stored returns all results.
func stored(t *testing.T, w *Worker) []outcome.Result {
	reader, err := w.engine.NewReader(t.Context(), false)
	require.NoError(t, err)
	defer reader.Close()
	var all []outcome.Result
	for {
		data, err := reader.Next(t.Context())
		if err != nil {
			require.ErrorIs(t, err, engine.ErrNoResult)
			return all
		}
		r, err := outcome.Decode(data)
		require.NoError(t, err)
		all = append(all, r)
	}
}

func enqueue(t *testing.T, w *Worker, shards ...shard.Shard) {
	for _, s := range shards {
		require.NoError(t, w.enqueue(t.Context(), s))
	}
}
