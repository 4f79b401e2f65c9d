package read

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/xiexus/xiexus-go/gen"
)

// byHand is the floor: the read as one would write it with the standard library.
func byHand() Func {
	client := &http.Client{Transport: memory(documentedBody)}
	return func(ctx context.Context) (string, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server+path, nil)
		if err != nil {
			return "", err
		}
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("Accept", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return "", err
		}
		return decode(resp)
	}
}

// decode reads a response by hand, for those that leave it to their callers.
func decode(resp *http.Response) (string, error) {
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return "", badStatus(resp.StatusCode)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	var task gen.VideoTask
	if err := json.Unmarshal(body, &task); err != nil {
		return "", err
	}
	return string(task.Status), nil
}
