package xiexus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
)

// What a relay answers for a completed task, flat as documented and as stored.
const (
	documentedBody = `{"task_id":"task_bench","status":"completed","url":"https://cdn.example.com/video.mp4","format":"mp4","metadata":{"duration":5,"fps":30,"width":1280,"height":720,"seed":20231234},"error":null}`
	storedBody     = `{"code":"success","message":"","data":{"id":5,"created_at":1795330000,"updated_at":1795330090,"task_id":"task_bench","platform":"50","user_id":2,"group":"default","channel_id":1,"quota":50000,"action":"textGenerate","status":"SUCCESS","fail_reason":"","result_url":"https://cdn.example.com/video.mp4","submit_time":1795330000,"start_time":1795330020,"finish_time":1795330090,"progress":"100%","properties":{"input":"","upstream_model_name":"kling-v1","origin_model_name":"kling-v1"},"data":{"code":0,"message":"SUCCEED","data":{"task_id":"867725306821537818","task_status":"succeed","task_result":{"videos":[{"id":"v-1","url":"https://cdn.example.com/video.mp4","duration":"5.1"}]}}}}}`
	realtimeBody   = `{"code":"success","message":"","data":{"error":null,"format":"mp4","metadata":null,"status":"succeeded","task_id":"task_bench","url":"https://cdn.example.com/video.mp4"}}`
)

// canned is a transport in memory that always answers the same.
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

// byHand is the floor: the same read written with net/http and encoding/json.
func byHand(ctx context.Context, client *http.Client, id string) (*gen.VideoTask, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://relay.example.com/v1/video/generations/"+id, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer sk-bench-key")
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var task gen.VideoTask
	if err := json.Unmarshal(body, &task); err != nil {
		return nil, err
	}
	return &task, nil
}

// reads are the ways to read a task that are compared: the first is the floor.
func reads(t testing.TB) []struct {
	name string
	read func(context.Context) error
} {
	viaGet := func(body string) func(context.Context) error {
		client, err := xiexus.New(
			xiexus.WithAPIKey("sk-bench-key"),
			xiexus.WithBaseURL("https://relay.example.com"),
			xiexus.WithHTTPClient(&http.Client{Transport: canned(body)}),
		)
		require.NoError(t, err)
		return func(ctx context.Context) error {
			_, err := client.Get(ctx, "task_bench")
			return err
		}
	}
	floor := &http.Client{Transport: canned(documentedBody)}
	return []struct {
		name string
		read func(context.Context) error
	}{
		{"by hand, documented", func(ctx context.Context) error {
			_, err := byHand(ctx, floor, "task_bench")
			return err
		}},
		{"Get, documented", viaGet(documentedBody)},
		{"Get, stored", viaGet(storedBody)},
		{"Get, realtime", viaGet(realtimeBody)},
	}
}

func BenchmarkRead(b *testing.B) {
	for _, way := range reads(b) {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := way.read(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Time depends on the machine, allocations do not. The generated request builder
// parses the server's URL for each request: that is most of the difference.
func TestGet_AllocatesLittleMoreThanARequestByHand(t *testing.T) {
	allocs := map[string]float64{}
	for _, way := range reads(t) {
		allocs[way.name] = testing.AllocsPerRun(100, func() { require.NoError(t, way.read(t.Context())) })
	}
	floor := allocs["by hand, documented"]
	for name, count := range allocs {
		require.LessOrEqual(t, count, 1.5*floor, name)
	}
}
