package xiexus_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
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

func ExampleClient_Create() {
	client, stop := exampleClient()
	defer stop()

	task, err := client.Create(context.Background(), xiexus.CreateRequest{
		Model:    "kling-v1",
		Prompt:   "a cat on a piano",
		Duration: 5,
		Metadata: map[string]any{"negative_prompt": "people"}, // what one vendor takes beyond the fields
	})
	var uncertain *xiexus.CreateUncertainError
	if errors.As(err, &uncertain) {
		fmt.Println("look into the task list before you submit again:", err)
		return
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.Status, task.TaskID != "")
	// Output: queued true
}

func ExampleClient_Download() {
	client, stop := exampleClient()
	defer stop()
	task, err := client.Get(context.Background(), "task_video")
	if err != nil {
		fmt.Println(err)
		return
	}

	hash := sha256.New() // any io.Writer
	n, err := client.Download(context.Background(), task, hash)
	fmt.Println(n, err)
	// Output: 2039 <nil>
}

func ExampleClient_DownloadFile() {
	client, stop := exampleClient()
	defer stop()
	task, err := client.Get(context.Background(), "task_video")
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := os.MkdirTemp("", "videos")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)

	size, err := client.DownloadFile(context.Background(), task, filepath.Join(folder, task.FileName()),
		xiexus.WithMaxDownloadSize(500<<20),
		xiexus.WithDownloadProgress(func(done, total int64) { fmt.Printf("%d of %d bytes\n", done, total) }),
	)
	if err != nil {
		fmt.Println(err) // what came is kept: the same call goes on
		return
	}
	fmt.Println(task.FileName(), size)
	// Output:
	// 2039 of 2039 bytes
	// task_video.mp4 2039
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
	relay := xiexustest.StartRelay(xiexustest.WithAPIKey(key))
	relay.Add("task_done", xiexustest.Completes(0, "https://cdn.example.com/video.mp4"))
	relay.Add("task_soon", xiexustest.Completes(time.Second/2, "https://cdn.example.com/video.mp4"))
	relay.Add("task_video", xiexustest.Completes(0, "")) // on the relay's own route
	relay.Add("task_bad", xiexustest.Fails(0, "the prompt did not pass the safety review"))
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

func ExampleClient_Watch() {
	client, stop := exampleClient()
	defer stop()

	for task, err := range client.Watch(context.Background(), "task_done") {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(task.Status)
	}
	// Output: completed
}

func ExampleClient_WaitAll() {
	client, stop := exampleClient()
	defer stop()

	ids := slices.Values([]string{"task_done", "task_done", "task_bad"})
	good, bad := 0, 0
	for outcome := range client.WaitAll(context.Background(), ids, xiexus.WithConcurrency(8)) {
		if outcome.Err != nil {
			bad++ // outcome.Task is the task as last seen
			continue
		}
		good++
	}
	fmt.Println(good, "completed,", bad, "not")
	// Output: 1 completed, 1 not
}

func ExampleClient_Poll() {
	client, stop := exampleClient()
	defer stop()

	// In a job: load the cursor, ask one question, store it for the next run.
	stored, _ := json.Marshal(xiexus.NewCursor("task_done"))

	var cursor xiexus.Cursor
	if err := json.Unmarshal(stored, &cursor); err != nil {
		fmt.Println(err)
		return
	}
	task, cursor, err := client.Poll(context.Background(), cursor)
	switch {
	case cursor.Done && err == nil:
		fmt.Println(task.Status)
	case cursor.Done:
		fmt.Println("gave up:", err)
	default:
		fmt.Println("come back at", cursor.NextAt)
	}
	// Output: completed
}
