package xiexustest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/openapi"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestDocumented_IsValidInTheOpenAPIDocument(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(openapi.Document())
	require.NoError(t, err)
	document.Servers = nil // the relay is not there
	const path = "/v1/video/generations/{task_id}"
	document.Paths = openapi3.NewPaths(openapi3.WithPath(path, document.Paths.Value(path))) // others may have invalid examples
	router, err := legacy.NewRouter(document)
	require.NoError(t, err)

	scripts := map[string]xiexustest.Script{
		"completed": xiexustest.Completes(0, "https://cdn.example.com/v.mp4"),
		"failed":    xiexustest.Fails(0, "unsafe prompt"),
		"queued":    xiexustest.Fails(time.Hour, ""),
		"working":   {Steps: []xiexustest.Step{{Status: xiexus.StatusInProgress, Progress: 5}}},
	}
	for id, script := range scripts {
		t.Run(id, func(t *testing.T) {
			relay := xiexustest.NewRelay(t)
			relay.Add(id, script)
			resp, body := get(t, relay, "/v1/video/generations/"+id)
			require.Equal(t, http.StatusOK, resp.StatusCode)
			require.NoError(t, validate(t, router, resp, body))
			require.Error(t, validate(t, router, resp, `{"status":"done"}`), "the validation validates")
		})
	}
}

// validate checks a body against the OpenAPI document.
func validate(t *testing.T, router routers.Router, resp *http.Response, body string) error {
	route, params, err := router.FindRoute(resp.Request)
	require.NoError(t, err)
	return openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: resp.Request, PathParams: params, Route: route},
		Status:                 resp.StatusCode,
		Header:                 resp.Header,
		Body:                   io.NopCloser(bytes.NewReader([]byte(body))),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true},
	})
}

func TestDialect_ReportsInItsOwnTerms(t *testing.T) {
	tests := []struct {
		name    string
		dialect xiexustest.Dialect
		script  xiexustest.Script
		want    []string
		not     []string
	}{
		{"stored, completed", xiexustest.Stored, xiexustest.Completes(0, "http://cdn/v"), []string{`"SUCCESS"`, `"result_url":"http://cdn/v"`, `"progress":"100%"`}, nil},
		{"stored, failed", xiexustest.Stored, xiexustest.Fails(0, "why"), []string{`"FAILURE"`, `"result_url":"why"`, `"fail_reason":"why"`}, nil},
		{"stored before result_url", xiexustest.StoredLegacy, xiexustest.Completes(0, "http://cdn/v"), []string{`"SUCCESS"`, `"fail_reason":"http://cdn/v"`}, []string{"result_url"}},
		{"realtime, completed", xiexustest.Realtime, xiexustest.Completes(0, "http://cdn/v"), []string{`"succeeded"`, `"url":"http://cdn/v"`, `"metadata":null`}, nil},
		{"realtime, failed", xiexustest.Realtime, xiexustest.Fails(0, "why"), []string{`"failed"`, `"error":null`}, []string{"why"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := xiexustest.NewRelay(t)
			test.script.Dialects = []xiexustest.Dialect{test.dialect}
			relay.Add("task", test.script)
			body := read(t, relay, "task")
			for _, part := range test.want {
				require.Contains(t, body, part)
			}
			for _, part := range test.not {
				require.NotContains(t, body, part)
			}
		})
	}
}

func TestDialect_SendsOtherStatusesAsTheyAre(t *testing.T) {
	for _, dialect := range xiexustest.AllDialects() {
		for _, status := range []gen.VideoTaskStatus{"NOT_START", "UNKNOWN", ""} {
			t.Run(fmt.Sprintf("%s %q", dialect, status), func(t *testing.T) {
				relay := xiexustest.NewRelay(t)
				relay.Add("task", xiexustest.Script{
					Dialects: []xiexustest.Dialect{dialect},
					Steps:    []xiexustest.Step{{Status: status}},
				})
				require.Contains(t, read(t, relay, "task"), fmt.Sprintf(`"status":%q`, status))
			})
		}
	}
}

func TestScript_TakesDialectsInTurn(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	relay.Add("task", xiexustest.Completes(0, "http://cdn/v", xiexustest.Stored, xiexustest.Realtime))
	for _, status := range []string{"SUCCESS", "succeeded", "SUCCESS"} {
		require.Contains(t, read(t, relay, "task"), status)
	}
}

func TestScript_TakesURLsInTurn(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	script := xiexustest.Completes(0, "http://cdn/unused")
	script.URLs = []string{"http://cdn/first", "http://cdn/{id}"}
	relay.Add("task", script)
	for _, url := range []string{"http://cdn/first", "http://cdn/task", "http://cdn/task"} {
		require.Contains(t, read(t, relay, "task"), `"`+url+`"`)
	}
}

func TestScript_DataSizeIsThatOfEachStoredTask(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	script := xiexustest.Completes(0, "http://cdn/v", xiexustest.Stored)
	script.DataSize = 1 << 20
	relay.Add("a", script)
	relay.Add("b", script)
	require.InDelta(t, 1<<20, len(read(t, relay, "a")), 1<<10)
	_, body := fetch(t, relay, "a", "b")
	require.InDelta(t, 2<<20, len(body), 2<<10)
}

func TestTicker_DelaysWhatStoredTasksReport(t *testing.T) {
	type reported struct {
		Status    string `json:"status"`
		UpdatedAt int64  `json:"updated_at"`
		Started   int64  `json:"start_time"`
		Finished  int64  `json:"finish_time"`
		Data      any    `json:"data"`
	}
	upstream := map[string]any{"code": 0.0, "message": "SUCCEED", "data": ""}
	ticker := xiexustest.Ticker{Interval: 15 * time.Second, First: 7 * time.Second, Skipped: []int{1}} // 7, 37, 52 ...
	everyPoll := ticker
	everyPoll.EveryPoll = true
	tests := []struct {
		name    string
		ticker  xiexustest.Ticker
		elapsed int64 // seconds
		want    reported
	}{
		{"before the first poll", ticker, 6, reported{"QUEUED", 0, 0, 0, nil}},
		{"at the first poll", ticker, 7, reported{"QUEUED", 7, 0, 0, upstream}},
		{"at a skipped poll", ticker, 25, reported{"QUEUED", 7, 0, 0, upstream}},
		{"at the next poll", ticker, 37, reported{"IN_PROGRESS", 37, 37, 0, upstream}},
		{"after a poll that changed nothing", ticker, 68, reported{"IN_PROGRESS", 37, 37, 0, upstream}},
		{"after a poll that changed the progress", ticker, 90, reported{"IN_PROGRESS", 82, 37, 0, upstream}},
		{"at the last poll", ticker, 112, reported{"SUCCESS", 112, 37, 112, upstream}},
		{"after the end", ticker, 200, reported{"SUCCESS", 112, 37, 112, upstream}},
		{"every poll, before the first", everyPoll, 6, reported{"QUEUED", 0, 0, 0, nil}},
		{"every poll", everyPoll, 68, reported{"IN_PROGRESS", 67, 37, 0, upstream}},
		{"every poll, after the end", everyPoll, 200, reported{"SUCCESS", 112, 37, 112, upstream}},
		{"no ticker", xiexustest.Ticker{}, 25, reported{"IN_PROGRESS", 20, 20, 0, upstream}},
		{"no ticker, after the end", xiexustest.Ticker{}, 140, reported{"SUCCESS", 100, 20, 100, upstream}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := xiexustest.NewRelay(t)
				start := time.Now().Unix()
				relay.Add("task", xiexustest.Script{
					Dialects: []xiexustest.Dialect{xiexustest.Stored}, Ticker: test.ticker,
					Steps: []xiexustest.Step{
						{At: 20 * time.Second, Status: xiexus.StatusInProgress},
						{At: 50 * time.Second, Status: xiexus.StatusInProgress}, // no change
						{At: 75 * time.Second, Status: xiexus.StatusInProgress, Progress: 50},
						{At: 100 * time.Second, Status: xiexus.StatusCompleted, Progress: 100},
						{At: 150 * time.Second, Status: xiexus.StatusFailed, Progress: 100}, // seen by no poll
					},
				})
				time.Sleep(time.Duration(test.elapsed) * time.Second)
				var body struct{ Data reported }
				require.NoError(t, json.Unmarshal([]byte(read(t, relay, "task")), &body))
				got := body.Data
				got.UpdatedAt -= start
				for _, moment := range []*int64{&got.Started, &got.Finished} {
					if *moment != 0 {
						*moment -= start
					}
				}
				require.Equal(t, test.want, got)
			})
		})
	}
}
