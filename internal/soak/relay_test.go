package soak_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/xiexus/xiexus-go"
)

// relay stands for a New API relay whose tasks are stored. It keeps nothing for each task:
// what a task does follows from its ID.
//
//   - Tasks take between 20 seconds and 4 minutes. One in fifty fails.
//   - A pass every 15 seconds, on a grid, is all that changes a task.
//   - POST /suno/fetch reads many tasks, in the stored shape and another order, unless it is
//     refused with 403, as for a key that is limited to some models.
//   - One request in twenty meets a fault: see fault.
type relay struct {
	began    time.Time
	batches  bool
	requests atomic.Int64
	faults   atomic.Int64
}

const passEvery = 15 * time.Second

// task is what a task does.
type task struct {
	submitted time.Time
	takes     time.Duration
	fails     bool
}

func hash(text string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, text)
	return h.Sum64()
}

// task returns what the task with an ID does.
func (r *relay) task(id string) task {
	h := hash(id)
	return task{
		submitted: r.began.Add(-time.Duration(h>>32%20) * time.Second),
		takes:     20*time.Second + time.Duration(h%220)*time.Second,
		fails:     h>>16%50 == 0,
	}
}

// row returns a task in the stored shape, as the last pass before now left it.
func (r *relay) row(id string, now time.Time) map[string]any {
	t := r.task(id)
	pass := now.Truncate(passEvery)
	row := map[string]any{
		"task_id": id, "status": "IN_PROGRESS", "progress": "50%", "fail_reason": "", "result_url": "",
		"submit_time": t.submitted.Unix(), "created_at": t.submitted.Unix(), "updated_at": pass.Unix(),
	}
	if pass.Sub(t.submitted) < t.takes {
		return row
	}
	row["progress"], row["finish_time"] = "100%", pass.Unix()
	if t.fails {
		row["status"], row["fail_reason"] = "FAILURE", "rejected by a filter"
	} else {
		row["status"], row["result_url"] = "SUCCESS", "https://cdn.example.com/"+id+".mp4"
	}
	return row
}

// RoundTrip implements [http.RoundTripper].
func (r *relay) RoundTrip(req *http.Request) (*http.Response, error) {
	number := r.requests.Add(1)
	time.Sleep(50 * time.Millisecond)
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	resp := r.respond(req, body)
	if hash(strconv.FormatInt(number, 10))%20 == 0 {
		r.faults.Add(1)
		return fault(number, resp)
	}
	return resp, nil
}

func (r *relay) respond(req *http.Request, body []byte) *http.Response {
	now := time.Now()
	if req.Method == http.MethodGet {
		return respond(req, http.StatusOK, map[string]any{"code": "success", "message": "", "data": r.row(path.Base(req.URL.Path), now)})
	}
	if !r.batches {
		return respond(req, http.StatusForbidden, map[string]any{"error": map[string]any{
			"message": "the key may not use this model", "type": "new_api_error", "code": "",
		}})
	}
	var request struct {
		IDs []string `json:"ids"`
	}
	_ = json.Unmarshal(body, &request)
	rows := make([]map[string]any, len(request.IDs))
	for i, id := range request.IDs {
		rows[len(rows)-1-i] = r.row(id, now)
	}
	return respond(req, http.StatusOK, map[string]any{"code": "success", "message": "", "data": rows})
}

func respond(req *http.Request, status int, content any) *http.Response {
	body, _ := json.Marshal(content)
	return &http.Response{
		StatusCode: status, Status: fmt.Sprint(status, " ", http.StatusText(status)), ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{
			"Content-Type": {"application/json"}, "X-Oneapi-Request-Id": {"1"}, "Date": {time.Now().UTC().Format(http.TimeFormat)},
		},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}
}

// fault returns something else than a response, one of eight.
func fault(number int64, resp *http.Response) (*http.Response, error) {
	page := func(status int) *http.Response {
		resp.StatusCode, resp.Status = status, fmt.Sprint(status, " ", http.StatusText(status))
		resp.Header = http.Header{"Content-Type": {"text/html"}}
		resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader("<html>gateway</html>")), -1
		return resp
	}
	switch number / 20 % 8 {
	case 0:
		return nil, errors.New("connection reset by peer")
	case 1:
		return page(http.StatusBadGateway), nil
	case 2:
		resp = page(http.StatusTooManyRequests)
		resp.Header.Set("Retry-After", "1")
		return resp, nil
	case 3:
		resp.Body = io.NopCloser(io.LimitReader(resp.Body, resp.ContentLength/2))
		return resp, nil
	case 4:
		return page(http.StatusOK), nil
	case 5:
		resp.Body, resp.ContentLength = http.NoBody, 0
		return resp, nil
	case 6:
		return page(http.StatusNotFound), nil
	default:
		time.Sleep(30 * time.Second)
		return resp, nil
	}
}

// expected returns the status with which a task ends.
func (r *relay) expected(id string) any {
	if r.task(id).fails {
		return xiexus.StatusFailed
	}
	return xiexus.StatusCompleted
}
