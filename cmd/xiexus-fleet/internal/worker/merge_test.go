package worker

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
)

// There is no room for a merged shard: the round goes on, and the shards stay.
func TestMerge_FullStream(t *testing.T) {
	w, relay := newWorker(t)
	ids := endless(relay, 4)
	enqueue(t, w, shard.New(ids[:2]...), shard.New(ids[2:]...))
	info, err := w.engine.Waits.Info(t.Context())
	require.NoError(t, err)
	info.Config.MaxMsgs = 2
	_, err = w.engine.JS.UpdateStream(t.Context(), info.Config)
	require.NoError(t, err)

	w.round(t.Context(), w.take(t.Context(), w.engine.WaitQueue, 16))
	require.Equal(t, 2, waiting(t, w))
	require.Len(t, relay.Requests(), 1)
	require.Empty(t, stored(t, w))
}
