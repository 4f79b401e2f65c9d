package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/metrics"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shared"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/worker"
)

// listen listens on the address of --listen. It returns nil for none.
func listen(ctx context.Context, address string) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, usageError{fmt.Errorf("--listen: %w", err)}
	}
	return listener, nil
}

// serveMetrics serves the metrics of a worker until the function that it returns is called.
func (a *app) serveMetrics(listener net.Listener, w *worker.Worker, e *engine.Engine, state *shared.State) (stop func()) {
	if listener == nil {
		return func() {}
	}
	handler := metrics.Handler(func() metrics.Snapshot {
		return metrics.Snapshot{Presence: w.Presence(), Kinds: w.Kinds(), PausedUntil: state.Paused(), IsConnected: e.IsConnected()}
	})
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.logger().Error("cannot serve metrics any more", "error", err)
		}
	})
	a.note("metrics: http://%s/metrics", listener.Addr())
	return func() {
		_ = server.Close()
		serving.Wait()
	}
}
