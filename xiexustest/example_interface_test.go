package xiexustest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// videos is what copyVideo needs of a client. A [*xiexus.Client] implements it.
type videos interface {
	Wait(ctx context.Context, taskID string, opts ...xiexus.WaitOption) (*xiexus.Task, error)
	Download(ctx context.Context, task *xiexus.Task, w io.Writer, opts ...xiexus.DownloadOption) (int64, error)
}

// copyVideo is the code under test.
func copyVideo(ctx context.Context, v videos, taskID string, w io.Writer) error {
	task, err := v.Wait(ctx, taskID)
	if err != nil {
		return err
	}
	_, err = v.Download(ctx, task, w)
	return err
}

// Code that depends on an interface of its own is tested with a client of the fake relay: what
// that returns is what relays return, errors included.
func Example_interface() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, ""))
	relay.Add("task_2", xiexustest.Fails(0, "unsafe prompt"))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	for _, id := range []string{"task_1", "task_2"} {
		var video bytes.Buffer
		err := copyVideo(context.Background(), client, id, &video)
		fmt.Println(video.Len(), err)
	}
	// Output:
	// 2039 <nil>
	// 0 task "task_2" failed: unsafe prompt (code 1001)
}
