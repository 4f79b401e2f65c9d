// Package read compares ways to read one task over a transport in memory: what a
// client costs besides the network.
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

// Func sends the key, checks the HTTP status, decodes the response, and returns the
// status of the task as the OpenAPI document spells it.
type Func func(context.Context) (string, error)

// Way is a way to read a task.
type Way struct {
	Name  string
	Floor string // the name of the way that it is compared with
	Read  Func
}

// The floors, one for each body shape: a read as written by hand. Realtime bodies
// have the floor of documented ones, which are about as long.
const (
	DocumentedFloor = "net/http + encoding/json"
	StoredFloor     = "net/http + encoding/json, stored"
)

// Ways returns the ways that are compared.
func Ways() ([]Way, error) {
	var ways []Way
	for _, way := range []struct {
		name  string
		floor string
		start func() (Func, error)
	}{
		{DocumentedFloor, DocumentedFloor, byHand(documentedBody, decodeDocumented)},
		{"oapi-codegen, stock templates", DocumentedFloor, plainClient},
		{"openai-go, Videos.Get", DocumentedFloor, openAI},
		{"azcore pipeline", DocumentedFloor, azure},
		{"go-retryablehttp", DocumentedFloor, retryable},
		{"xiexus-go, documented", DocumentedFloor, ours(documentedBody)},
		{"xiexus-go, realtime", DocumentedFloor, ours(realtimeBody)},
		{StoredFloor, StoredFloor, byHand(storedBody, decodeStored)},
		{"xiexus-go, stored", StoredFloor, ours(storedBody)},
		{"xiexus-go, stored-legacy", StoredFloor, ours(legacyBody)},
	} {
		read, err := way.start()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", way.name, err)
		}
		ways = append(ways, Way{way.name, way.floor, read})
	}
	return ways, nil
}

func ours(body string) func() (Func, error) {
	return func() (Func, error) {
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
}
