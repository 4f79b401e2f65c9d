package xiexustest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// A relay in a program. A test calls xiexustest.NewRelay(t) instead and does not
// close it.
func ExampleStartRelay() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/a.mp4"))
	task, err := client.Wait(context.Background(), "task_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.Status, task.URL)
	fmt.Println("requests:", len(relay.Requests()))
	// Output:
	// completed https://cdn.example.com/a.mp4
	// requests: 1
}

// A script describes what happens to a task over time, and in which shapes the relay
// reports it.
func ExampleRelay_Add() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	relay.Add("good", xiexustest.Completes(0, "https://cdn.example.com/a.mp4", xiexustest.Realtime))
	relay.Add("bad", xiexustest.Fails(0, "unsafe prompt", xiexustest.Stored))
	relay.Add("slow", xiexustest.Completes(90*time.Second, "https://cdn.example.com/a.mp4"))
	relay.Add("odd", xiexustest.Script{
		Dialects: []xiexustest.Dialect{xiexustest.Stored},
		Steps: []xiexustest.Step{
			{Status: "UNKNOWN"},
			{At: time.Minute, Status: xiexus.StatusInProgress, Progress: 50},
		},
	})
	for _, id := range []string{"good", "bad", "slow", "odd"} {
		task, err := client.Get(context.Background(), id)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s (%s)\n", id, task.Status, task.RelayStatus)
	}
	// Output:
	// good: completed (succeeded)
	// bad: failed (FAILURE)
	// slow: queued (queued)
	// odd: unknown (UNKNOWN)
}

// Each fault applies to one read. A client without retries shows them.
func ExampleRelay_Fail() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	client, err := xiexus.New(append(relay.Options(), xiexus.WithMaxRetries(0))...)
	if err != nil {
		fmt.Println(err)
		return
	}

	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/a.mp4"))
	relay.Fail("task_1",
		xiexustest.Fault{Status: http.StatusBadGateway},
		xiexustest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "20"},
		xiexustest.Fault{Cut: true})
	for range 4 {
		_, err := client.Get(context.Background(), "task_1")
		switch {
		case errors.Is(err, xiexus.ErrRateLimited):
			fmt.Println("rate limited")
		case errors.Is(err, xiexus.ErrUnavailable):
			fmt.Println("unavailable")
		default:
			fmt.Println("error:", err)
		}
	}
	// Output:
	// unavailable
	// rate limited
	// unavailable
	// error: <nil>
}

// A relay that does not serve batches, as a client finds out.
func ExampleRelay_RefuseBatches() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/a.mp4"))
	fetch := func() {
		resp, err := client.API().FetchTasks(context.Background(), gen.FetchTasksRequest{IDs: []string{"task_1"}})
		if err != nil {
			fmt.Println(err)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		fmt.Println(resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	for _, refusal := range xiexustest.AllBatchRefusals() {
		relay.RefuseBatches(refusal)
		fetch()
	}
	relay.AllowBatches()
	fetch()
	fmt.Println("read:", relay.Requests()[0].TaskIDs)
	// Output:
	// 403 application/json; charset=utf-8
	// 404 application/json; charset=utf-8
	// 405 text/plain; charset=utf-8
	// 200 text/html; charset=utf-8
	// 200 application/json; charset=utf-8
	// 500 application/json; charset=utf-8
	// 200 application/json; charset=utf-8
	// read: [task_1]
}

// The response to a create request is lost, but the task exists.
func ExampleRelay_FailCreates() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	relay.FailCreates(xiexustest.Fault{Reset: true})
	_, err = client.Create(context.Background(), xiexus.CreateRequest{Model: "kling-v1", Prompt: "a cat"})
	var uncertain *xiexus.CreateUncertainError
	fmt.Println("uncertain:", errors.As(err, &uncertain))
	fmt.Println("created:", len(relay.Created()))
	// Output:
	// uncertain: true
	// created: 1
}

// The video is on another host, whose first transfer is interrupted.
func ExampleCDN() {
	cdn := xiexustest.NewCDN()
	cdn.Put("/a.mp4", xiexustest.Delivery{Cuts: []int64{1000}})
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Host("cdn.example.com", cdn)
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/a.mp4"))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	task, err := client.Wait(ctx, "task_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	var video bytes.Buffer
	if _, err := client.Download(ctx, task, &video); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("complete:", int64(video.Len()) == xiexustest.SampleVideo().Size)
	for _, request := range cdn.Requests() {
		fmt.Printf("%s range=%q key=%q\n", request.Path, request.Header.Get("Range"), request.Header.Get("Authorization"))
	}
	// Output:
	// complete: true
	// /a.mp4 range="" key=""
	// /a.mp4 range="bytes=1000-" key=""
}

// A relay on a real port, for programs in any language. Time passes as usual there.
func ExampleRelay_ServeHTTP() {
	relay := xiexustest.StartRelay(xiexustest.WithAPIKey("sk-test"))
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/a.mp4"))
	server := httptest.NewServer(relay)
	defer server.Close()

	client, err := xiexus.New(xiexus.WithAPIKey("sk-test"), xiexus.WithBaseURL(server.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.CloseIdleConnections()
	task, err := client.Get(context.Background(), "task_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.Status)
	// Output: completed
}
