package xiexus_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func ExampleAPIError() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	_, err = client.Get(context.Background(), "task_with_a_typo")
	if errors.Is(err, xiexus.ErrTaskNotFound) { // with any status code
		fmt.Println("no such task")
	}
	var apiErr *xiexus.APIError
	if errors.As(err, &apiErr) {
		fmt.Println(apiErr.StatusCode, apiErr.Code, apiErr.RequestID)
	}
	// Output:
	// no such task
	// 400 task_not_exist fake-000001
}

// A failed task is an error of Client.Wait, which returns the task too.
func ExampleTaskFailedError() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Fails(0, "unsafe prompt"))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	task, err := client.Wait(context.Background(), "task_1")
	var failed *xiexus.TaskFailedError
	if errors.As(err, &failed) {
		fmt.Println(task.TaskID, failed.Code, failed.Message)
	}
	// Output: task_1 1001 unsafe prompt
}

// A failed task is not an error of Client.Get: the read has succeeded.
func ExampleTask_Err() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Fails(0, "unsafe prompt"))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	task, err := client.Get(context.Background(), "task_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.Status)
	fmt.Println(task.Err())
	// Output:
	// failed
	// task "task_1" failed: unsafe prompt (code 1001)
}

// If the response to a create request is lost, a retry could create a second task.
func ExampleCreateUncertainError() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.FailCreates(xiexustest.Fault{Reset: true}) // the connection breaks off
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	_, err = client.Create(context.Background(), xiexus.CreateRequest{Model: "kling-v1", Prompt: "a cat on a piano"})
	var uncertain *xiexus.CreateUncertainError
	switch {
	case errors.As(err, &uncertain):
		fmt.Println("check the relay's task list before submitting it again")
	case err != nil:
		fmt.Println("the task was not created:", err)
	}
	// Output: check the relay's task list before submitting it again
}

// A wait that ends early says why and how far the task was. Another wait can go on.
func ExampleWaitError() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(time.Hour, "https://cdn.example.com/video.mp4"))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	_, err = client.Wait(context.Background(), "task_1", xiexus.WithMaxWait(time.Millisecond))
	var ended *xiexus.WaitError
	if errors.As(err, &ended) {
		fmt.Println(ended.TaskID, ended.Task.Status, errors.Is(err, xiexus.ErrWaitTimeout))
	}
	// Output: task_1 queued true
}

// A download that fails says how much was received. The kind of error says what to do.
func ExampleDownloadError() {
	cdn := xiexustest.NewCDN()
	cdn.Put("/video.mp4", xiexustest.Delivery{Status: http.StatusGone})
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Host("cdn.example.com", cdn)
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/video.mp4"))
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
	_, err = client.Download(ctx, task, io.Discard)
	var failed *xiexus.DownloadError
	switch {
	case errors.Is(err, xiexus.ErrLinkExpired):
		fmt.Println("the video is gone")
	case errors.As(err, &failed):
		fmt.Println("try again after", failed.Received, "bytes")
	}
	// Output: the video is gone
}
