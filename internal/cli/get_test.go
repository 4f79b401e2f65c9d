package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestGet_PrintsTasksInOrder(t *testing.T) {
	relay := startRelay(t)
	var ids []string
	for i := range 40 {
		id := fmt.Sprintf("task_%02d", i)
		ids = append(ids, id)
		relay.Add(id, xiexustest.Completes(0, video, xiexustest.AllDialects()[i%4]))
	}
	relay.Add("task_bad", xiexustest.Fails(0, "unsafe \x1b[31mprompt", xiexustest.Stored))

	got := runCommand(t.Context(), strings.Join(ids[1:], "\n"), "get", ids[0], "-", "task_bad", "-o", "json")
	require.Equal(t, 0, got.code, got.err)
	require.Empty(t, got.err)
	require.Contains(t, got.out, video, "not escaped for HTML")
	tasks := got.lines(t)
	require.Len(t, tasks, len(ids)+1)
	for i, id := range ids {
		require.Equal(t, id, tasks[i]["task_id"])
		require.Equal(t, "completed", tasks[i]["status"])
		require.Contains(t, tasks[i], "error")
		require.Nil(t, tasks[i]["error"])
	}
	bad := tasks[len(ids)]
	require.Equal(t, "failed", bad["status"])
	require.Equal(t, "FAILURE", bad["relay_status"])
	require.EqualValues(t, 100, bad["progress"])
	require.Equal(t, map[string]any{"message": "unsafe \x1b[31mprompt"}, bad["error"])
	_, err := time.Parse(time.RFC3339, bad["submitted_at"].(string))
	require.NoError(t, err)

	table := runCommand(t.Context(), "", "get", "task_00", "task_bad", "-o", "table")
	require.Equal(t, "ID        STATUS       PROGRESS   TIME  RESULT\n"+
		"task_00   completed        100%         "+video+"\n"+
		"task_bad  failed           100%         unsafe [31mprompt\n", table.out)
}

func TestGet_ReadsManyTogetherAndPrintsEachOnceInOrder(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		ids := addTasks(relay, 2500)
		slices.Reverse(ids)
		given := strings.Join(ids, " ") + " " + ids[2000] + " " + ids[0]
		got := runCommand(t.Context(), given, "get", "-", "-o", "json")
		require.Equal(t, 0, got.code, got.err)
		tasks := got.lines(t)
		require.Len(t, tasks, len(ids))
		for i, id := range ids {
			require.Equal(t, id, tasks[i]["task_id"])
		}
		require.Less(t, len(relay.Requests()), 100)
		require.Len(t, requestTimes(relay)[ids[0]], 1)
	})
}

func TestGet_ReadsOnlySoFarAhead(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		ids := addTasks(relay, 2500)
		relay.RefuseBatches(xiexustest.BatchNotFound)
		relay.Fail(ids[0], xiexustest.Fault{Delay: 30 * time.Second})
		early := 0
		start := time.Now()
		got := runCommand(t.Context(), strings.Join(ids, " "), "get", "-", "-o", "json")
		require.Equal(t, 0, got.code, got.err)
		require.Len(t, got.lines(t), len(ids))
		for _, times := range requestTimes(relay) {
			if times[len(times)-1].Before(start.Add(29 * time.Second)) {
				early++
			}
		}
		require.LessOrEqual(t, early, maxAhead)
	})
}

func TestGet_ContinuesAfterErrors(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("one", xiexustest.Completes(0, video))
		relay.Add("two", xiexustest.Completes(0, video))
		got := runCommand(t.Context(), "", "get", "one", "nope", "..", "two", "-o", "json")
		require.Equal(t, exitNotFound, got.code)
		require.Len(t, got.lines(t), 2)
		require.Contains(t, got.err, "2 of 4 tasks had errors; see above")
		got = runCommand(t.Context(), "", "get", "one", "")
		require.Equal(t, result{exitUsage, "", "xiexus: a task ID must not be empty\n"}, got)
	})
}

func TestGet_RawPrintsResponsesAsReceived(t *testing.T) {
	bodies := map[string]string{
		"/v1/video/generations/one": `{"code":"success",  "data":{"task_id":"one","status":"SUCCESS","x":"` + testKey + ` \u001b"}}`,
		"/v1/video/generations/two": "{\"task_id\":\"two\",\n\"status\":\"queued\"}\n",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if _, err := io.WriteString(w, bodies[req.URL.Path]); bodies[req.URL.Path] == "" || err != nil {
			t.Errorf("unexpected request for %s: %v", req.URL.Path, err)
		}
	}))
	defer server.Close()
	t.Setenv(xiexus.EnvAPIKey, testKey)
	t.Setenv(xiexus.EnvBaseURL, server.URL)
	one := strings.Replace(bodies["/v1/video/generations/one"], testKey, "sk-[redacted]", 1)
	require.Equal(t, result{0, one, ""}, runCommand(t.Context(), "", "get", "one", "--raw"))
	both := runCommand(t.Context(), "", "get", "one", "two", "--raw")
	require.Equal(t, result{0, one + "\n" + bodies["/v1/video/generations/two"], ""}, both)
	require.Equal(t, exitUsage, runCommand(t.Context(), "", "get", "one", "--raw", "-o", "json").code)
}

func TestLog_VerboseDoesNotShowKey(t *testing.T) {
	relay := startRelay(t)
	relay.Add("done", xiexustest.Completes(0, video))
	got := runCommand(t.Context(), "", "get", "done", "-v")
	require.Contains(t, got.err, "level=DEBUG")
	require.NotContains(t, got.err, testKey[3:])

	got = runCommand(t.Context(), "", "wait", "done", "-q")
	require.Empty(t, got.err)
}
