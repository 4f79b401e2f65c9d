package worker

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestRound_LogsOnceWhyPollsFail(t *testing.T) {
	w, relay := newWorker(t)
	var log bytes.Buffer
	w.Logger = slog.New(slog.NewTextHandler(&log, nil))
	enqueue(t, w, shard.New(endless(relay, 5)...))
	relay.FailBatches(xiexustest.Fault{Status: 500})
	w.round(t.Context(), w.take(t.Context(), w.engine.WaitQueue, 1))
	require.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
	require.Contains(t, log.String(), `level=WARN msg="polls failed; the tasks are polled again" tasks=5 first=task_0 error=`)
	require.Contains(t, log.String(), "500 Internal Server Error")
	require.Equal(t, 1, waiting(t, w))
}
