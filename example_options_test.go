package xiexus_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func ExampleNew() {
	// Without options, the key is read from XIEXUS_API_KEY and the base URL from
	// XIEXUS_BASE_URL.
	client, err := xiexus.New(
		xiexus.WithAPIKey("sk-your-key"),
		xiexus.WithBaseURL("https://relay.example.com/v1"),
		xiexus.WithMaxRetries(5),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client) // never shows the key
	// Output: xiexus.Client(https://relay.example.com)
}

func ExampleWithLogger() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/video.mp4"))
	relay.Fail("task_1", xiexustest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "1"})

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug, // at the default level only retries are logged
		ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
			if slices.Contains([]string{"time", "duration", "host", "path", "error"}, attr.Key) {
				return slog.Attr{} // to keep the output of this example short
			}
			return attr
		},
	}))
	client, err := xiexus.New(append(relay.Options(), xiexus.WithLogger(logger))...)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.Get(context.Background(), "task_1"); err != nil {
		fmt.Println(err)
		return
	}
	// Output:
	// level=DEBUG msg=request method=GET status=429 attempt=1 request_id=fake-000001
	// level=WARN msg="reading task failed, retrying" task_id=task_1 delay=1s
	// level=DEBUG msg=request method=GET status=200 attempt=2 request_id=fake-000002
}

// The generated client has every operation of the OpenAPI document, and returns
// responses as they are.
func ExampleClient_API() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/video.mp4", xiexustest.Stored))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	api := client.API()
	req, err := api.RequestGetVideoGeneration(context.Background(), "task_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := api.Client.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	fmt.Println(resp.Status, resp.Header.Get("Content-Type"))
	// Output: 200 OK application/json; charset=utf-8
}
