package xiexus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// job is what a queue stores: JSON that any process can resume the wait from.
type job struct {
	Cursor xiexus.Cursor `json:"cursor"`
	File   string        `json:"file"`
}

// run runs a job once. It returns what to store and when to run that, or nothing if the job is
// over. Only then does an error mean that it has failed.
func run(ctx context.Context, client *xiexus.Client, payload []byte) (again []byte, at time.Time, err error) {
	var j job
	if err := json.Unmarshal(payload, &j); err != nil {
		return nil, time.Time{}, err
	}
	task, cursor, err := client.Poll(ctx, j.Cursor)
	if !cursor.Done { // even if this poll has failed
		j.Cursor = cursor
		again, err = json.Marshal(j)
		return again, cursor.NextAt, err
	}
	if err == nil {
		err = task.Err()
	}
	if err == nil {
		_, err = client.DownloadFile(ctx, task, j.File, xiexus.WithOverwrite()) // the job may run twice
	}
	return nil, time.Time{}, err
}

// A job queue keeps the cursor in its jobs, polls once per run, and does the sleeping.
func ExampleCursor() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Fails(0, "unsafe prompt"))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	payload, err := json.Marshal(job{Cursor: xiexus.NewCursor("task_1"), File: "cat.mp4"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(payload))
	again, at, err := run(context.Background(), client, payload)
	if again != nil {
		fmt.Println("run again at", at)
		return
	}
	fmt.Println("over:", err)
	// Output:
	// {"cursor":{"task_id":"task_1","attempts":0},"file":"cat.mp4"}
	// over: task "task_1" failed: unsafe prompt (code 1001)
}
