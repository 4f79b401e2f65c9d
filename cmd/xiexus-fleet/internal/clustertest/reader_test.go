package clustertest

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
)

// What delivers results to a reader is on one server. If that is killed, and the reader is
// connected to another one, nothing tells it.
func TestReader_GoesOnWithoutTheServerOfItsConsumer(t *testing.T) {
	cluster := startCluster(t)
	doomed := ""
	seen := map[string]bool{}
	var readers []*engine.Reader
	var engines []*engine.Engine
	for i, url := range strings.Split(cluster.urls, ",") {
		e, err := engine.Open(t.Context(), engine.Config{URLs: url, Name: "xiexus", Patient: true, Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		defer e.Close()
		reader, err := e.NewReader(t.Context(), false)
		require.NoError(t, err)
		defer reader.Close()
		_, err = reader.Next(t.Context())
		require.ErrorIs(t, err, engine.ErrNoResult)
		consumers := e.Results.ListConsumers(t.Context())
		for info := range consumers.Info() {
			if !seen[info.Name] && info.Cluster.Leader != fmt.Sprintf("n%d", i+1) {
				doomed = info.Cluster.Leader
			}
			seen[info.Name] = true
		}
		require.NoError(t, consumers.Err())
		readers, engines = append(readers, reader), append(engines, e)
	}
	if doomed == "" { // each consumer is where its reader is connected
		doomed = "n1"
	}
	cluster.nodes[doomed].kill()

	_, err := engines[0].PublishOnce(t.Context(), engines[0].Results, engines[0].Subjects.Result+"task.a", []byte("a"))
	require.NoError(t, err)
	for _, reader := range readers {
		var data []byte
		for range 60 {
			if data, err = reader.Next(t.Context()); !errors.Is(err, engine.ErrNoResult) {
				break
			}
		}
		require.NoError(t, err)
		require.Equal(t, "a", string(data))
	}
}
