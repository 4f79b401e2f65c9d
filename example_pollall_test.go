package xiexus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
	"golang.org/x/time/rate"
)

// A worker of a job queue keeps the cursors of many tasks in one job. It polls those that are
// due, with one request for up to 100 of them, and returns when to run the job again.
func ExampleClient_PollAll() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/1.mp4"))
	relay.Add("task_2", xiexustest.Fails(0, "unsafe prompt"))
	relay.Add("task_3", xiexustest.Completes(time.Hour, "https://cdn.example.com/3.mp4"))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	cursors := []xiexus.Cursor{xiexus.NewCursor("task_1"), xiexus.NewCursor("task_2"), xiexus.NewCursor("task_3")}
	var waiting []xiexus.Cursor // to store
	var next time.Time          // when to run again
	for _, polled := range client.PollAll(context.Background(), cursors) {
		switch cursor := polled.Cursor; {
		case !cursor.Done: // even if this poll has failed
			if waiting = append(waiting, cursor); next.IsZero() || cursor.NextAt.Before(next) {
				next = cursor.NextAt
			}
		case polled.Err != nil:
			fmt.Println(cursor.TaskID, polled.Err)
		case polled.Task.Err() != nil:
			fmt.Println(polled.Task.Err())
		default:
			fmt.Println(cursor.TaskID, polled.Task.URL)
		}
	}
	fmt.Println(len(waiting), "waiting, due later:", time.Now().Before(next))
	fmt.Println(len(relay.Requests()), "request")
	// Output:
	// task_1 https://cdn.example.com/1.mp4
	// task "task_2" failed: unsafe prompt
	// 1 waiting, due later: true
	// 1 request
}

// Workers share what they have learned through a store, so that a new one polls in step with
// the others.
func ExampleClient_Learn() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.RefuseBatches(xiexustest.BatchForbidden)
	worker, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"task_1", "task_2"} {
		relay.Add(id, xiexustest.Completes(time.Hour, "https://cdn.example.com/video.mp4"))
	}
	cursors := []xiexus.Cursor{xiexus.NewCursor("task_1"), xiexus.NewCursor("task_2")}
	worker.PollAll(context.Background(), cursors)
	stored, err := json.Marshal(worker.Learned())
	if err != nil {
		fmt.Println(err)
		return
	}

	another, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	var learned xiexus.Learned
	if err := json.Unmarshal(stored, &learned); err != nil {
		fmt.Println(err)
		return
	}
	another.Learn(learned)
	before := len(relay.Requests())
	another.PollAll(context.Background(), cursors)
	fmt.Println("one request for each task at once:", len(relay.Requests())-before == 2)
	// Output: one request for each task at once: true
}

// Two clients share one limit.
func ExampleWithLimiter() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/video.mp4"))

	limiter := rate.NewLimiter(5, 10) // or one whose Wait asks a store that many machines share
	for range 2 {
		client, err := xiexus.New(append(relay.Options(), xiexus.WithLimiter(limiter))...)
		if err != nil {
			fmt.Println(err)
			return
		}
		if _, err := client.Get(context.Background(), "task_1"); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println("left:", int(limiter.Tokens()))
	// Output: left: 8
}
