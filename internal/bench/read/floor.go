package read

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go/gen"
)

// requestTimeout is the default of xiexus-go.
const requestTimeout = time.Minute

// byHand is a floor: the read as one writes it with the standard library for
// production, which includes a request timeout.
//
// The timeout is set the way http.Client.Timeout sets it over an [http.Transport].
// Over a transport that net/http does not know, such as the one in memory, that field
// starts a goroutine for each request, which no client in production pays for.
func byHand(body string, decode func(body []byte) (string, error)) func() (Func, error) {
	client := &http.Client{Transport: memory(body)}
	read := func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
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
		body, err := readBody(resp)
		if err != nil {
			return "", err
		}
		return decode(body)
	}
	return func() (Func, error) { return read, nil }
}

// readBody returns the body of a successful response.
func readBody(resp *http.Response) ([]byte, error) {
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, badStatus(resp.StatusCode)
	}
	return io.ReadAll(resp.Body)
}

func badStatus(status int) error { return fmt.Errorf("HTTP status %d", status) }

// decodeDocumented decodes the shape of the OpenAPI document.
func decodeDocumented(body []byte) (string, error) {
	var task gen.VideoTask
	if err := json.Unmarshal(body, &task); err != nil {
		return "", err
	}
	return string(task.Status), nil
}

// storedResponse is New API's envelope around a stored task, with the fields that a
// caller uses.
type storedResponse struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Data    struct {
		TaskID     string `json:"task_id"`
		Status     string `json:"status"`
		Progress   string `json:"progress"`
		FailReason string `json:"fail_reason"`
		ResultURL  string `json:"result_url"`
		CreatedAt  int64  `json:"created_at"`
		UpdatedAt  int64  `json:"updated_at"`
		SubmitTime int64  `json:"submit_time"`
		StartTime  int64  `json:"start_time"`
		FinishTime int64  `json:"finish_time"`
	} `json:"data"`
}

// decodeStored decodes the shape of stored tasks.
func decodeStored(body []byte) (string, error) {
	var response storedResponse
	if err := json.Unmarshal(body, &response); err != nil {
		return "", err
	}
	switch status := response.Data.Status; {
	case response.Code != "success":
		return "", fmt.Errorf("%s: %s", response.Code, response.Message)
	case status == "SUCCESS":
		return string(gen.VideoTaskStatusCompleted), nil
	default:
		return status, nil
	}
}
