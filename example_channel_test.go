package xiexus_test

import (
	"context"
	"fmt"
	"iter"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// received yields what is received from a channel, until it is closed or ctx ends.
func received[T any](ctx context.Context, values <-chan T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			select {
			case value, open := <-values:
				if !open || !yield(value) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// The IDs come from a channel, while earlier tasks are waited for already.
func ExampleClient_WaitAll_channel() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	ids := make(chan string)
	go func() {
		defer close(ids)
		for _, id := range []string{"task_1", "task_2"} {
			relay.Add(id, xiexustest.Completes(0, "https://cdn.example.com/"+id+".mp4"))
			ids <- id
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel() // also ends the sequence if the loop is left early
	for outcome := range client.WaitAll(ctx, received(ctx, ids)) {
		if outcome.Err != nil {
			fmt.Println(outcome.Err)
			continue
		}
		fmt.Println(outcome.Task.URL)
	}
	// Unordered output:
	// https://cdn.example.com/task_1.mp4
	// https://cdn.example.com/task_2.mp4
}
