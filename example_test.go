package xiexus_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// Submit a task, wait for its video and save it.
//
// This and the other examples use a fake relay, so that they run anywhere. A program
// calls xiexus.New() instead, which reads the key from XIEXUS_API_KEY.
func Example() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.OnCreate(func(xiexus.CreateRequest) xiexustest.Script { return xiexustest.Completes(0, "") })
	folder, err := os.MkdirTemp("", "videos")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()

	ctx := context.Background()
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	task, err := client.Create(ctx, xiexus.CreateRequest{Model: "kling-v1", Prompt: "a cat on a piano"})
	if err != nil {
		fmt.Println(err)
		return
	}
	// By default a task that has just been created is first polled after about 20 seconds.
	task, err = client.Wait(ctx, task.TaskID, xiexus.WithInterval(time.Second, 0))
	if err != nil {
		fmt.Println(err)
		return
	}
	size, err := client.DownloadFile(ctx, task, filepath.Join(folder, task.FileName()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.Status, size, "bytes")
	// Output: completed 2039 bytes
}
