package xiexus_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// createAtFirst creates a task at the first relay that accepts it. The task is known to that
// relay only, so the rest is for the client that it returns.
func createAtFirst(ctx context.Context, request xiexus.CreateRequest, relays ...*xiexus.Client) (*xiexus.Client, *xiexus.Task, error) {
	var errs []error
	for _, relay := range relays {
		task, err := relay.Create(ctx, request)
		if err == nil {
			return relay, task, nil
		}
		errs = append(errs, err)
		var uncertain *xiexus.CreateUncertainError
		if errors.As(err, &uncertain) || ctx.Err() != nil {
			break // the task may exist: creating another could charge you twice
		}
	}
	return nil, nil, errors.Join(errs...)
}

// If one relay does not accept a task, another one is tried.
func ExampleClient_Create_failover() {
	first, second := xiexustest.StartRelay(), xiexustest.StartRelay()
	defer first.Close()
	defer second.Close()
	first.FailCreates(xiexustest.Fault{Status: http.StatusTooManyRequests})
	var clients []*xiexus.Client
	for _, relay := range []*xiexustest.Relay{first, second} {
		client, err := xiexus.New(append(relay.Options(), xiexus.WithMaxRetries(0))...)
		if err != nil {
			fmt.Println(err)
			return
		}
		clients = append(clients, client)
	}

	request := xiexus.CreateRequest{Model: "kling-v1", Prompt: "a cat on a piano"}
	client, task, err := createAtFirst(context.Background(), request, clients...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client == clients[1], task.Status)
	// Output: true queued
}
