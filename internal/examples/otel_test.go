// Package examples_test has examples with modules that importers of xiexus-go must not get with
// it.
package examples_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// OpenTelemetry traces the requests to the relay, as children of the span in the context. The
// relay gets the ID of the trace with each. For the videos on other hosts, pass another such
// transport to WithDownloadTransport.
func Example_openTelemetry() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/video.mp4"))
	spans := tracetest.NewInMemoryExporter() // yours sends them somewhere
	provider := trace.NewTracerProvider(trace.WithSyncer(spans))

	transport := otelhttp.NewTransport(relay.HTTPClient().Transport, // usually http.DefaultTransport
		otelhttp.WithTracerProvider(provider),
		otelhttp.WithPropagators(propagation.TraceContext{}),
	)
	client, err := xiexus.New(append(relay.Options(), xiexus.WithHTTPClient(&http.Client{Transport: transport}))...)
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx, span := provider.Tracer("studio").Start(context.Background(), "make video")
	_, err = client.Wait(ctx, "task_1")
	span.End()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name, span.Parent.IsValid())
	}
	fmt.Println(relay.Requests()[0].Header.Get("Traceparent") != "")
	// Output:
	// HTTP GET true
	// make video false
	// true
}
