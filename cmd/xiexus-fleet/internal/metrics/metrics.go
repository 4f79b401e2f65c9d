// Package metrics serves the metrics and the health of a worker over HTTP. No metric has a
// key, an ID or a URL as a label.
package metrics

import (
	"io"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/worker"
)

// Snapshot is what a worker has done so far.
type Snapshot struct {
	// Presence has its counters.
	Presence worker.Presence
	// Kinds counts the results that it has stored by their kind.
	Kinds map[string]int64
	// PausedUntil is until when the relay allows no requests, a time in the past if it does.
	PausedUntil time.Time
	// IsConnected is whether the connection to NATS is up.
	IsConnected bool
}

// Handler serves /metrics for Prometheus, and /healthz: 200 while the worker is connected to
// NATS, and 503 while it is not.
func Handler(snapshot func() Snapshot) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector{snapshot}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if snapshot().IsConnected {
			_, _ = io.WriteString(w, "ok\n")
			return
		}
		http.Error(w, "not connected to NATS", http.StatusServiceUnavailable)
	})
	return mux
}

var (
	requests   = describe("requests_total", "Requests to the relay.")
	polls      = describe("polls_total", "Polls of tasks; one request polls many.")
	pollErrors = describe("poll_errors_total", "Polls that failed and are repeated.")
	created    = describe("created_total", "Tasks that were created.")
	results    = describe("results_total", "Results that were stored, by kind.", "kind")
	shards     = describe("shards", "Shards that are being polled.")
	paused     = describe("paused_seconds", "For how long the relay allows no requests; 0 if it does.")
	connected  = describe("nats_connected", "1 if the connection to NATS is up, 0 if it is not.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("xiexus_fleet_"+name, help, labels, nil)
}

// collector turns snapshots into metrics.
type collector struct{ snapshot func() Snapshot }

// Describe implements [prometheus.Collector].
func (c collector) Describe(descs chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{requests, polls, pollErrors, created, results, shards, paused, connected} {
		descs <- desc
	}
}

// Collect implements [prometheus.Collector].
func (c collector) Collect(metrics chan<- prometheus.Metric) {
	s := c.snapshot()
	counter := func(desc *prometheus.Desc, n int64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), labels...)
	}
	gauge := func(desc *prometheus.Desc, value float64) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value)
	}
	counter(requests, s.Presence.Requests)
	counter(polls, s.Presence.Polls)
	counter(pollErrors, s.Presence.Errors)
	counter(created, s.Presence.Created)
	for kind, n := range s.Kinds {
		counter(results, n, kind)
	}
	gauge(shards, float64(s.Presence.Shards))
	gauge(paused, max(time.Until(s.PausedUntil).Seconds(), 0))
	up := 0.0
	if s.IsConnected {
		up = 1
	}
	gauge(connected, up)
}
