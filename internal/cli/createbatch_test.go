package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestBatch_WaitsForAndDownloadsAll(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		prompts := recordPrompts(relay)
		writeRequests(t, "a", "b", "c")
		require.NoError(t, os.Mkdir("videos", 0o700))
		require.Equal(t, 0, createRequests(t, "-q").code)
		rewriteRequests(t, "a", "b", "c", "d")
		for range 2 {
			got := createRequests(t, "--download", "--dir", "videos")
			require.Equal(t, 0, got.code, got.err)
			require.Equal(t, []string{"a", "b", "c", "d"}, prompts())
			require.Len(t, got.lines(t), 4)
			for _, line := range got.lines(t) {
				require.Equal(t, "completed", line["status"])
				require.FileExists(t, line["file"].(string))
			}
		}
		got := createRequests(t, "--wait", "-q")
		require.Equal(t, 0, got.code, got.err)
		require.Len(t, got.lines(t), 4)
	})
}

func TestBatch_WaitsForWhatIsCreated(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.OnCreate(func(request gen.CreateVideoRequest) xiexustest.Script {
			if request.Prompt == "unsafe" {
				return xiexustest.Fails(time.Minute, "unsafe", xiexustest.Stored)
			}
			return xiexustest.Completes(time.Minute, video, xiexustest.Stored)
		})
		writeRequests(t, "a", "rejected", "unsafe")
		relay.FailCreates(xiexustest.Fault{}, xiexustest.Fault{Status: http.StatusBadRequest})
		got := createRequests(t, "--wait", "--concurrency", "1")
		require.Equal(t, exitOther, got.code, got.err)
		require.Len(t, got.lines(t), 2)
		require.Contains(t, got.err, "1 of 2 tasks had errors; see above\n")
		require.Contains(t, got.err, "1 of 3 tasks had errors; see above\n")

		writeRequests(t, "rejected")
		relay.FailCreates(xiexustest.Fault{Status: http.StatusBadRequest})
		got = createRequests(t, "--wait")
		require.Equal(t, exitOther, got.code, got.err)
		require.NotContains(t, got.err, "no task IDs")
	})
}

func TestBatch_InterruptWaitsForResponses(t *testing.T) {
	for _, goal := range []string{"--wait", ""} {
		t.Run("create "+goal, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
				prompts := recordPrompts(relay)
				writeRequests(t, "a", "b", "c", "d", "e")
				relay.FailCreates(xiexustest.Fault{}, xiexustest.Fault{Delay: 10 * time.Second}, xiexustest.Fault{Delay: time.Hour})
				ctx, interrupt := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, interrupt)
				args := []string{"create", "--requests", "requests.jsonl", "--concurrency", "2"}
				if goal != "" {
					args = append(args, goal)
				}
				start := time.Now()
				got := runCommand(ctx, "", args...)
				require.Equal(t, exitInterrupted, got.code, got.err)
				require.Equal(t, 31*time.Second, time.Since(start))
				require.ElementsMatch(t, []string{"created", "created", "uncertain"}, strings.Split(states(t), ","))
				require.Contains(t, got.err, "xiexus: interrupted; 2 of 5 requests were not submitted; to resume, run the same command again\n")

				got = createRequests(t)
				require.Equal(t, exitOther, got.code, got.err)
				require.Equal(t, 4, strings.Count(states(t), "created"))
				require.Equal(t, 1, strings.Count(states(t), "uncertain"))
				require.Equal(t, []string{"a", "b", "c", "d", "e"}, prompts())
			})
		})
	}
}

func TestBatch_SubmitsNothingTwiceAfterBeingKilled(t *testing.T) {
	writeRequests(t, strings.Split("abcdefghijkl", "")...)
	var lock sync.Mutex
	received := map[string]int{}
	sixth := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var request gen.CreateVideoRequest
		content, _ := io.ReadAll(req.Body)
		_ = json.Unmarshal(content, &request)
		lock.Lock()
		defer lock.Unlock()
		received[request.Prompt]++
		if len(received) == 6 {
			close(sixth)
			<-req.Context().Done()
		}
		_, _ = fmt.Fprintf(w, `{"task_id":"task_%s","status":"queued"}`, request.Prompt)
	}))
	defer server.Close()
	t.Setenv("XIEXUS_API_KEY", testKey)
	t.Setenv("XIEXUS_BASE_URL", server.URL)
	killed := newProcess(t, "create", "--requests", "requests.jsonl", "--concurrency", "3")
	require.NoError(t, killed.Start())
	<-sixth
	require.NoError(t, killed.Process.Kill())
	require.Error(t, killed.Wait())

	got := createRequests(t)
	require.Equal(t, exitOther, got.code, got.err)
	lock.Lock()
	defer lock.Unlock()
	for prompt, times := range received {
		require.Equal(t, 1, times, prompt)
	}
	uncertain := strings.Count(got.err, "not submitted again")
	require.Positive(t, uncertain)
	require.LessOrEqual(t, uncertain, 3)
	require.Equal(t, uncertain, strings.Count(states(t), "uncertain"))
	require.Equal(t, 12-uncertain, strings.Count(states(t), "created"))
}
