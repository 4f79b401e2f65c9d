// Package read compares ways to read one task over a transport in memory: what a
// client costs beside the network.
package read

import (
	"context"
	"fmt"
	"net/http"

	"github.com/xiexus/xiexus-go"
)

const (
	taskID = "task_bench"
	key    = "sk-bench-key"
	server = "https://relay.example.com"
	path   = "/v1/video/generations/" + taskID
)

// Func sends the key, checks the answer's status, decodes it, and returns the
// status of the task.
type Func func(context.Context) (string, error)

// Way is a way to read a task.
type Way struct {
	Name string
	Read Func
}

// The names of those that others are compared with.
const (
	Floor = "net/http + encoding/json"
	Plain = "oapi-codegen, stock templates"
	Ours  = "xiexus-go, documented"
)

// Ways returns the ways that are compared. The first is the floor.
func Ways() ([]Way, error) {
	ways := []Way{
		{Floor, byHand()},
		{Plain, nil},
		{"openai-go, Videos.Get", openAI()},
		{"azcore pipeline", azure()},
		{"go-retryablehttp", retryable()},
	}
	var err error
	if ways[1].Read, err = plainClient(); err != nil {
		return nil, err
	}
	for _, dialect := range []struct{ name, body string }{
		{Ours, documentedBody},
		{"xiexus-go, stored", storedBody},
		{"xiexus-go, stored-legacy", legacyBody},
		{"xiexus-go, realtime", realtimeBody},
	} {
		read, err := ours(dialect.body)
		if err != nil {
			return nil, err
		}
		ways = append(ways, Way{dialect.name, read})
	}
	return ways, nil
}

func ours(body string) (Func, error) {
	client, err := xiexus.New(
		xiexus.WithAPIKey(key),
		xiexus.WithBaseURL(server),
		xiexus.WithHTTPClient(&http.Client{Transport: memory(body)}),
	)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (string, error) {
		task, err := client.Get(ctx, taskID)
		if err != nil {
			return "", err
		}
		return string(task.Status), nil
	}, nil
}

func badStatus(status int) error { return fmt.Errorf("status %d", status) }
