package xiexus_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// saveAll generates a video for each prompt and saves it as the file that the prompt is for.
// An error in one does not stop the others: they have already been paid for.
func saveAll(ctx context.Context, client *xiexus.Client, prompts map[string]string, opts ...xiexus.WaitOption) error {
	var errs []error
	files := map[string]string{} // by task ID
	for file, prompt := range prompts {
		task, err := client.Create(ctx, xiexus.CreateRequest{Model: "kling-v1", Prompt: prompt})
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
			continue
		}
		files[task.TaskID] = file
	}
	for outcome := range client.WaitAll(ctx, maps.Keys(files), opts...) {
		err := outcome.Err
		if err == nil {
			_, err = client.DownloadFile(ctx, outcome.Task, files[outcome.TaskID])
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", files[outcome.TaskID], err))
		}
	}
	return errors.Join(errs...)
}

// Many prompts become many files, each with a name of its own.
func ExampleClient_WaitAll_namedFiles() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.OnCreate(func(xiexus.CreateRequest) xiexustest.Script { return xiexustest.Completes(0, "") })
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := os.MkdirTemp("", "videos")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()

	prompts := map[string]string{
		filepath.Join(folder, "cat.mp4"): "a cat on a piano",
		filepath.Join(folder, "dog.mp4"): "a dog on a drum",
	}
	// By default tasks that have just been created are first polled after about 20 seconds.
	if err := saveAll(context.Background(), client, prompts, xiexus.WithInterval(time.Second, 0)); err != nil {
		fmt.Println(err)
		return
	}
	saved, err := os.ReadDir(folder)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range saved {
		fmt.Println(file.Name())
	}
	// Output:
	// cat.mp4
	// dog.mp4
}
