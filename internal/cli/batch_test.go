package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// writeRequests changes to a new directory and writes requests.jsonl there, with a
// request for each prompt.
func writeRequests(t *testing.T, prompts ...string) {
	t.Chdir(t.TempDir())
	rewriteRequests(t, prompts...)
}

func rewriteRequests(t *testing.T, prompts ...string) {
	var lines bytes.Buffer
	for _, prompt := range prompts {
		_, _ = fmt.Fprintf(&lines, "{\"model\":\"m\",\"prompt\":%q}\n", prompt)
	}
	require.NoError(t, os.WriteFile("requests.jsonl", lines.Bytes(), 0o600))
}

// results returns the last state of each request, by line.
func results(t *testing.T) map[int]record {
	content, err := os.ReadFile("requests.jsonl.results")
	require.NoError(t, err)
	last := map[int]record{}
	for line := range strings.Lines(string(content)) {
		var r record
		require.NoError(t, json.Unmarshal([]byte(line), &r), line)
		last[r.Line] = r
	}
	return last
}

// states returns the last states of the requests, in the order of the lines.
func states(t *testing.T) string {
	last := results(t)
	var all []string
	for line := 1; len(all) < len(last); line++ {
		if r, ok := last[line]; ok {
			all = append(all, string(r.State))
		}
	}
	return strings.Join(all, ",")
}

// recordPrompts returns the prompts of all requests to create a task, in order, and makes
// tasks complete after a minute.
func recordPrompts(relay *xiexustest.Relay) func() []string {
	var lock sync.Mutex
	var prompts []string
	relay.OnCreate(func(request gen.CreateVideoRequest) xiexustest.Script {
		lock.Lock()
		defer lock.Unlock()
		prompts = append(prompts, request.Prompt)
		return xiexustest.Completes(time.Minute, "", xiexustest.Stored)
	})
	return func() []string {
		lock.Lock()
		defer lock.Unlock()
		return slices.Sorted(slices.Values(prompts))
	}
}

func createRequests(t *testing.T, args ...string) result {
	return runCommand(t.Context(), "", append([]string{"create", "--requests", "requests.jsonl"}, args...)...)
}

func TestBatch_RecordsEachTask(t *testing.T) {
	relay := startRelay(t)
	writeRequests(t, "a", "b", "c")
	var claimed []int
	relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script {
		content, err := os.ReadFile("requests.jsonl.results")
		if err == nil {
			claimed = append(claimed, strings.Count(string(content), `"submitting"`))
		}
		return xiexustest.Completes(0, video)
	})
	got := createRequests(t, "--concurrency", "1")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, []int{1, 2, 3}, claimed, "recorded before it is sent")
	require.Equal(t, "created,created,created", states(t))
	for i, id := range relay.Created() {
		require.Equal(t, id, results(t)[i+1].TaskID)
		require.Equal(t, id, got.lines(t)[i]["task_id"])
		require.Contains(t, got.err, fmt.Sprintf("line %d: created %s\n", i+1, id))
	}

	got = createRequests(t)
	require.Equal(t, 0, got.code, got.err)
	require.Len(t, relay.Created(), 3, "nothing is submitted twice")
	require.Contains(t, got.err, "3 of 3 requests were submitted by an earlier run\n")
}

func TestBatch_KnowsRequestsByTheirContent(t *testing.T) {
	relay := startRelay(t)
	prompts := recordPrompts(relay)
	writeRequests(t, "a", "b", "b")
	require.Equal(t, 0, createRequests(t).code)
	require.Equal(t, []string{"a", "b", "b"}, prompts())

	rewriteRequests(t, "new", "b", "", "a", "b", "b")
	content, err := os.ReadFile("requests.jsonl")
	require.NoError(t, err)
	content = bytes.ReplaceAll(content, []byte("{\"model\":\"m\",\"prompt\":\"\"}\n"), []byte("\n"))
	require.NoError(t, os.WriteFile("requests.jsonl", content, 0o600))
	got := createRequests(t, "--mode", "pro")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, []string{"a", "b", "b", "b", "new"}, prompts(), "one more b")
}

func TestBatch_SubmitsAgainOnlyWhatWasRejected(t *testing.T) {
	relay := startRelay(t)
	prompts := recordPrompts(relay)
	writeRequests(t, "a", "b", "c", "d")
	rejected := xiexustest.Fault{Status: http.StatusBadRequest}
	relay.FailCreates(xiexustest.Fault{}, rejected, xiexustest.Fault{Cut: true})
	got := createRequests(t, "--concurrency", "1")
	require.Equal(t, exitOther, got.code, "that of the first error")
	require.Equal(t, "created,rejected,uncertain,created", states(t))
	require.Equal(t, []string{"a", "c", "d"}, prompts())
	require.Contains(t, got.err, "line 2: create task")
	require.Contains(t, got.err, "line 3: create task")
	require.Contains(t, got.err, "2 of 4 tasks had errors; see above\n")
	require.Contains(t, results(t)[3].Error, "may have been created")

	got = createRequests(t)
	require.Equal(t, exitOther, got.code)
	require.Equal(t, "created,created,uncertain,created", states(t))
	require.Equal(t, []string{"a", "b", "c", "d"}, prompts())
	require.Contains(t, got.err, "line 3: not submitted again")

	content, err := os.ReadFile("requests.jsonl.results")
	require.NoError(t, err)
	var kept []string
	for line := range strings.Lines(string(content)) {
		if !strings.Contains(line, `"line":3,`) {
			kept = append(kept, line)
		}
	}
	require.NoError(t, os.WriteFile("requests.jsonl.results", []byte(strings.Join(kept, "")), 0o600))
	require.Equal(t, 0, createRequests(t).code, "as the message says")
	require.Equal(t, []string{"a", "b", "c", "c", "d"}, prompts())
}

func TestBatch_StopsWhenTheRelayDoesNotRespond(t *testing.T) {
	tests := []struct {
		name   string
		fault  xiexustest.Fault
		states string
		code   int
	}{
		{"lost responses", xiexustest.Fault{Cut: true}, "created,uncertain,uncertain,uncertain", exitUnavailable},
		{"rate limit", xiexustest.Fault{Status: http.StatusTooManyRequests}, "created,rejected,rejected,rejected", exitUnavailable},
		{"no quota", xiexustest.Fault{Status: http.StatusForbidden, Body: `{"code":"insufficient_user_quota","message":"no quota","data":null}`}, "created,rejected,rejected,rejected", exitOther},
		{"rejected key", xiexustest.Fault{Status: http.StatusUnauthorized, Body: `{"error":{"message":"Invalid token","type":"new_api_error"}}`}, "created,rejected", exitKeyRejected},
		{"rejected requests", xiexustest.Fault{Status: http.StatusBadRequest}, "created,rejected,rejected,rejected,rejected,rejected", exitOther},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := startRelay(t)
			writeRequests(t, "a", "b", "c", "d", "e", "f")
			relay.FailCreates(append([]xiexustest.Fault{{}}, slices.Repeat([]xiexustest.Fault{test.fault}, 20)...)...)
			got := createRequests(t, "--concurrency", "1", "--max-retries", "0")
			require.Equal(t, test.code, got.code, got.err)
			require.Equal(t, test.states, states(t))
			left := 6 - len(strings.Split(test.states, ","))
			notSubmitted := fmt.Sprintf("; %d of 6 requests were not submitted; to submit them, run the same command again\n", left)
			require.Equal(t, left > 0, strings.Contains(got.err, notSubmitted), got.err)
		})
	}
}

func TestBatch_RelayIsDown(t *testing.T) {
	relay := startRelay(t)
	writeRequests(t, "a", "b", "c", "d", "e")
	got := createRequests(t, "--concurrency", "1", "--max-retries", "0", "--base-url", "http://127.0.0.1:1")
	require.Equal(t, exitUnavailable, got.code, got.err)
	require.Equal(t, "rejected,rejected,rejected", states(t), "nothing was sent")
	require.Equal(t, 0, createRequests(t).code)
	require.Len(t, relay.Created(), 5)
}

func TestBatch_ConcurrencyAndRate(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		writeRequests(t, strings.Split("abcdefghijkl", "")...)
		start := time.Now()
		require.Equal(t, 0, createRequests(t, "--rate-limit", "0.5", "-q").code)
		require.Equal(t, 22*time.Second, time.Since(start))
		require.Len(t, relay.Created(), 12)

		writeRequests(t, "a", "b", "c", "d", "e")
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, interrupt)
		got := runCommand(ctx, "", "create", "--requests", "requests.jsonl", "--rate-limit", "0.5")
		require.Equal(t, exitInterrupted, got.code, got.err)
		require.Len(t, relay.Created(), 14, "none after the interrupt")
		require.Equal(t, "created,created", states(t))
	})
}
