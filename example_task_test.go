package xiexus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func ExampleClient_Create() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	task, err := client.Create(context.Background(), xiexus.CreateRequest{
		Model:    "kling-v1",
		Prompt:   "a cat on a piano",
		Duration: 5,
		Metadata: map[string]any{"negative_prompt": "people"}, // for the vendor of the model
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.Status, task.TaskID != "")
	// Output: queued true
}

func ExampleClient_Get() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/video.mp4"))
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
	fmt.Println(task.Status, task.URL)
	// Output: completed https://cdn.example.com/video.mp4
}

func ExampleClient_Wait() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/video.mp4"))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	task, err := client.Wait(context.Background(), "task_1", xiexus.WithMaxWait(10*time.Minute))
	switch {
	case errors.Is(err, xiexus.ErrWaitTimeout):
		fmt.Println("not completed within ten minutes:", task.Status)
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(task.Status, task.URL)
	}
	// Output: completed https://cdn.example.com/video.mp4
}

func ExampleClient_Watch() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/video.mp4", xiexustest.Stored))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	for task, err := range client.Watch(context.Background(), "task_1") {
		if err != nil {
			fmt.Println(err)
			return
		}
		progress := 0 // some relays report none
		if task.Progress != nil {
			progress = *task.Progress
		}
		fmt.Printf("%s %d%%\n", task.Status, progress)
	}
	// Output: completed 100%
}

func ExampleClient_WaitAll() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/1.mp4"))
	relay.Add("task_2", xiexustest.Fails(0, "unsafe prompt"))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	ids := slices.Values([]string{"task_1", "task_2"})
	for outcome := range client.WaitAll(context.Background(), ids, xiexus.WithConcurrency(8)) {
		if outcome.Err != nil {
			fmt.Println(outcome.Err)
			continue
		}
		fmt.Println(outcome.TaskID, outcome.Task.URL)
	}
	// Unordered output:
	// task_1 https://cdn.example.com/1.mp4
	// task "task_2" failed: unsafe prompt
}

// A job queue does the sleeping: each run of a job polls once and stores the cursor
// for the next run.
func ExampleClient_Poll() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/video.mp4"))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	payload, err := json.Marshal(xiexus.NewCursor("task_1")) // when the job is created
	if err != nil {
		fmt.Println(err)
		return
	}

	var cursor xiexus.Cursor
	if err := json.Unmarshal(payload, &cursor); err != nil {
		fmt.Println(err)
		return
	}
	task, cursor, err := client.Poll(context.Background(), cursor)
	switch {
	case !cursor.Done: // even if there is an error
		fmt.Println("run again at", cursor.NextAt)
	case err != nil:
		fmt.Println("the wait is over:", err)
	case task.Err() != nil:
		fmt.Println(task.Err())
	default:
		fmt.Println(task.Status, task.URL)
	}
	// Output: completed https://cdn.example.com/video.mp4
}
