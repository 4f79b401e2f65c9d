package xiexus_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/fakerelay"
)

func ExampleNew() {
	// Without options the key comes from XIEXUS_API_KEY and the address from XIEXUS_BASE_URL.
	client, err := xiexus.New(
		xiexus.WithAPIKey("sk-your-key"),
		xiexus.WithBaseURL("https://api.xiexus.cn"),
		xiexus.WithMaxRetries(5),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client)
	// Output: xiexus.Client(https://api.xiexus.cn)
}

func ExampleClient_Get() {
	client, stop := exampleClient()
	defer stop()

	task, err := client.Get(context.Background(), "task_done")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.Status, task.URL)
	// Output: completed https://cdn.example.com/video.mp4
}

func ExampleClient_Wait() {
	client, stop := exampleClient()
	defer stop()

	task, err := client.Wait(context.Background(), "task_soon",
		xiexus.WithMaxWait(10*time.Minute),
		xiexus.WithInterval(time.Second, 0),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.Status, task.URL)
	// Output: completed https://cdn.example.com/video.mp4
}

func ExampleTaskFailedError() {
	client, stop := exampleClient()
	defer stop()

	task, err := client.Wait(context.Background(), "task_bad")
	var failed *xiexus.TaskFailedError
	if errors.As(err, &failed) {
		fmt.Println(failed.Message)
	}
	fmt.Println(task.Status) // the task is there whatever the error
	// Output:
	// the prompt did not pass the safety review
	// failed
}

func ExampleAPIError() {
	client, stop := exampleClient()
	defer stop()

	_, err := client.Get(context.Background(), "task_typo")
	if errors.Is(err, xiexus.ErrTaskNotFound) {
		fmt.Println("no such task")
	}
	var answer *xiexus.APIError
	if errors.As(err, &answer) {
		fmt.Println(answer.StatusCode, answer.Code)
	}
	// Output:
	// no such task
	// 400 task_not_exist
}

// exampleClient returns a client of a fake relay, so that the examples run
// anywhere; yours comes from xiexus.New().
func exampleClient() (client *xiexus.Client, stop func()) {
	const key = "sk-key-of-the-fake-relay"
	relay := fakerelay.New(key)
	relay.Add("task_done", fakerelay.Completes(0, "https://cdn.example.com/video.mp4"))
	relay.Add("task_soon", fakerelay.Completes(time.Second/2, "https://cdn.example.com/video.mp4"))
	relay.Add("task_bad", fakerelay.Fails(0, "the prompt did not pass the safety review"))
	client, err := xiexus.New(
		xiexus.WithAPIKey(key),
		xiexus.WithBaseURL("http://relay.localhost"),
		xiexus.WithHTTPClient(relay.HTTPClient()),
	)
	if err != nil {
		panic(err)
	}
	return client, relay.Close
}
