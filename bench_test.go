package xiexus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// Responses of relays for a completed task, in three dialects.
const (
	documentedBody = `{"task_id":"task_bench","status":"completed","url":"https://cdn.example.com/video.mp4","format":"mp4","metadata":{"duration":5,"fps":30,"width":1280,"height":720,"seed":20231234},"error":null}`
	storedBody     = `{"code":"success","message":"","data":{"id":5,"created_at":1795330000,"updated_at":1795330090,"task_id":"task_bench","platform":"50","user_id":2,"group":"default","channel_id":1,"quota":50000,"action":"textGenerate","status":"SUCCESS","fail_reason":"","result_url":"https://cdn.example.com/video.mp4","submit_time":1795330000,"start_time":1795330020,"finish_time":1795330090,"progress":"100%","properties":{"input":"","upstream_model_name":"kling-v1","origin_model_name":"kling-v1"},"data":{"code":0,"message":"SUCCEED","data":{"task_id":"867725306821537818","task_status":"succeed","task_result":{"videos":[{"id":"v-1","url":"https://cdn.example.com/video.mp4","duration":"5.1"}]}}}}}`
	realtimeBody   = `{"code":"success","message":"","data":{"error":null,"format":"mp4","metadata":null,"status":"succeeded","task_id":"task_bench","url":"https://cdn.example.com/video.mp4"}}`
)

// canned is a transport in memory that always responds with the same body.
type canned string

func (body canned) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode:    http.StatusOK,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{"Content-Type": {"application/json"}, "X-Oneapi-Request-Id": {"2026"}},
		Body:          io.NopCloser(strings.NewReader(string(body))),
		ContentLength: int64(len(body)),
		Request:       req,
	}, nil
}

// readByHand is the floor: the same read with net/http and encoding/json, which
// understands the documented dialect only.
func readByHand(ctx context.Context, client *http.Client, id string) (*xiexus.VideoTask, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://relay.example.com/v1/video/generations/"+id, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer sk-bench-key")
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var task xiexus.VideoTask
	if err := json.Unmarshal(body, &task); err != nil {
		return nil, err
	}
	return &task, nil
}

// BenchmarkRead reads a task over a transport in memory. The metric "floors" is the
// time in units of a read by hand, measured in turns with it.
func BenchmarkRead(b *testing.B) {
	httpClient := &http.Client{Transport: canned(documentedBody)}
	byHand := func() error {
		_, err := readByHand(b.Context(), httpClient, "task_bench")
		return err
	}
	get := func(body canned) func() error {
		client, err := xiexus.New(
			xiexus.WithAPIKey("sk-bench-key"),
			xiexus.WithBaseURL("https://relay.example.com"),
			xiexus.WithHTTPClient(&http.Client{Transport: body}),
		)
		require.NoError(b, err)
		return func() error {
			_, err := client.Get(b.Context(), "task_bench")
			return err
		}
	}
	for _, read := range []struct {
		name string
		once func() error
	}{
		{"by hand", byHand},
		{"Get documented", get(documentedBody)},
		{"Get stored", get(storedBody)},
		{"Get realtime", get(realtimeBody)},
	} {
		b.Run(read.name, func(b *testing.B) { inFloors(b, read.once, byHand) })
	}
}

func inFloors(b *testing.B, read, floor func() error) {
	const turn = 500 // reads
	var floorReads, floorTime float64
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if err := read(); err != nil {
			b.Fatal(err)
		}
		if n%turn > 0 {
			continue
		}
		b.StopTimer()
		start := time.Now()
		for range turn {
			if err := floor(); err != nil {
				b.Fatal(err)
			}
		}
		floorTime += float64(time.Since(start))
		floorReads += turn
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/(floorTime/floorReads), "floors")
}
