package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/openapi"
	"github.com/xiexus/xiexus-go/xiexustest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "sk-T3stK3yThatMustNotBeSeen"

// ran is what a command line did.
type ran struct {
	code     int
	out, err string
}

// xiexusCommand runs a command line with input.
func xiexusCommand(ctx context.Context, input string, args ...string) ran {
	var out, err bytes.Buffer
	code := run(ctx, args, streams{in: strings.NewReader(input), out: &out, err: &err})
	return ran{code, out.String(), err.String()}
}

// interruptedCommand runs a command line and interrupts it once it has said something.
func interruptedCommand(ctx context.Context, text string, interrupt func(), args ...string) ran {
	var out bytes.Buffer
	err := &onText{text: text, do: interrupt}
	code := run(ctx, args, streams{in: strings.NewReader(""), out: &out, err: err})
	return ran{code, out.String(), err.String()}
}

// onText does something once a text has been written.
type onText struct {
	bytes.Buffer
	text string
	do   func()
}

func (o *onText) Write(p []byte) (int, error) {
	n, err := o.Buffer.Write(p)
	if strings.Contains(o.String(), o.text) {
		o.do()
	}
	return n, err
}

// lines decodes one object a line.
func (r ran) lines(t *testing.T) []map[string]any {
	var objects []map[string]any
	for line := range strings.Lines(r.out) {
		var object map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &object), line)
		objects = append(objects, object)
	}
	return objects
}

// served starts a relay on loopback and points the environment at it.
func served(t *testing.T) *xiexustest.Relay {
	relay := xiexustest.NewRelay(t, xiexustest.WithAPIKey(testKey))
	server := httptest.NewServer(relay)
	t.Cleanup(server.Close)
	t.Setenv(xiexus.EnvAPIKey, testKey)
	t.Setenv(xiexus.EnvBaseURL, server.URL+"/v1/")
	return relay
}

const video = "https://cdn.example.com/v.mp4?a=b&c=d"

func TestGetPrintsTasksInOrder(t *testing.T) {
	relay := served(t)
	var ids []string
	for i := range 40 {
		id := fmt.Sprintf("task_%02d", i)
		ids = append(ids, id)
		relay.Add(id, xiexustest.Completes(0, video, xiexustest.AllDialects()[i%4]))
	}
	relay.Add("task_bad", xiexustest.Fails(0, "unsafe \x1b[31mprompt", xiexustest.Stored))

	got := xiexusCommand(t.Context(), strings.Join(ids[1:], "\n"), "get", ids[0], "-", "task_bad", "-o", "json")
	require.Equal(t, 0, got.code, got.err)
	require.Empty(t, got.err)
	require.Contains(t, got.out, video, "as it is, not escaped for HTML")
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
	require.Equal(t, 100.0, bad["progress"])
	require.Equal(t, map[string]any{"message": "unsafe \x1b[31mprompt"}, bad["error"])
	_, err := time.Parse(time.RFC3339, bad["submitted_at"].(string))
	require.NoError(t, err)

	table := xiexusCommand(t.Context(), "", "get", "task_00", "task_bad", "-o", "table")
	require.Equal(t, "ID        STATUS       PROGRESS  RESULT\n"+
		"task_00   completed              "+video+"\n"+
		"task_bad  failed           100%  unsafe [31mprompt\n", table.out)
}

func TestExitCodes(t *testing.T) {
	relay := served(t)
	relay.Add("done", xiexustest.Completes(0, video))
	relay.Add("bad", xiexustest.Fails(0, "unsafe"))
	relay.Add("broken", xiexustest.Completes(0, video))
	relay.Add("slow", xiexustest.Completes(0, video))
	relay.Add("page", xiexustest.Completes(0, video))
	for range 100 {
		relay.Fail("broken", xiexustest.Fault{Status: 503})
		relay.Fail("slow", xiexustest.Fault{Delay: time.Minute})
		relay.Fail("page", xiexustest.Fault{HTML: true})
	}
	keyFile := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(keyFile, []byte("Bearer "+testKey+"\n"), 0o600))
	wrongKey := filepath.Join(t.TempDir(), "wrong")
	require.NoError(t, os.WriteFile(wrongKey, []byte("sk-wrong-wrong-wrong"), 0o600))

	tests := []struct {
		line string
		code int
		says string // on standard error
	}{
		{"get done", 0, ""},
		{"get bad", 0, ""},
		{"wait done", 0, "completed"},
		{"get done --api-key-file " + keyFile, 0, ""},
		{"wait bad", 3, "unsafe"},
		{"wait done bad", 3, "1 of 2"},
		{"get nope", 4, "task_not_exist"},
		{"wait nope", 4, "task_not_exist"},
		{"get done nope bad", 4, "1 of 3"},
		{"get done --api-key-file " + wrongKey, 5, "check the API key"},
		{"wait done --api-key-file " + wrongKey, 5, "check the API key"},
		{"get done bad --api-key-file " + wrongKey, 5, "2 of 2 tasks not read"},
		{"get slow --timeout 50ms --max-retries 0", 6, "deadline"},
		{"wait broken --max-wait 100ms", 6, "503"},
		{"get broken --max-retries 0", 7, "503"},
		{"get done --base-url http://127.0.0.1:1 --max-retries 0", 7, "refused"},
		{"get page", 1, "base URL"},
		{"get", 2, "give a task id"},
		{"get -", 2, "no task id"},
		{"get ..", 2, "invalid task id"},
		{"get done --output yaml", 2, "yaml"},
		{"get done --max-retries -1", 2, "negative"},
		{"get done --concurrency 0", 2, "concurrency"},
		{"get done --no-such-flag", 2, "unknown flag"},
		{"get done --base-url http://relay.example.com", 2, "clear text"},
		{"get done --api-key-file /no/such/file", 2, "no such file"},
		{"nonsense", 2, "unknown command"},
		{"serve --dialect klingon", 2, "klingon"},
	}
	for _, test := range tests {
		t.Run(test.line, func(t *testing.T) {
			got := xiexusCommand(t.Context(), "", strings.Fields(test.line)...)
			require.Equal(t, test.code, got.code, got.err)
			require.Contains(t, got.err, test.says)
			require.NotContains(t, got.out+got.err, testKey[3:])
			if test.code != 0 && !strings.Contains(test.line, "wait") && !strings.Contains(test.says, " of ") {
				require.Equal(t, 1, strings.Count(got.err, "\n"), "one line: %s", got.err)
			}
		})
	}
}

func TestNoKeyIsSaidBeforeAnythingIsSent(t *testing.T) {
	relay := served(t)
	t.Setenv(xiexus.EnvAPIKey, "")
	got := xiexusCommand(t.Context(), "", "get", "task")
	require.Equal(t, 2, got.code)
	require.Contains(t, got.err, "set XIEXUS_API_KEY or give --api-key-file")
	require.Empty(t, relay.Requests())
}

func TestInterruptedWaitSaysWhatIsStillRunning(t *testing.T) {
	relay := served(t)
	relay.Add("done", xiexustest.Completes(0, video))
	for _, id := range []string{"one", "two"} {
		relay.Add(id, xiexustest.Completes(time.Hour, video))
	}
	ctx, interrupt := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, interrupt)
	start := time.Now()
	got := xiexusCommand(ctx, "", "wait", "one", "done", "two", "two", "-o", "json")
	require.Less(t, time.Since(start), 2*time.Second)
	require.Equal(t, 130, got.code)
	require.Contains(t, got.err, "interrupted; still running: one two")
	require.Len(t, got.lines(t), 1, "what is done has been printed")
}

func TestVerboseLogsWithoutTheKey(t *testing.T) {
	relay := served(t)
	relay.Add("done", xiexustest.Completes(0, video))
	got := xiexusCommand(t.Context(), "", "get", "done", "-v")
	require.Contains(t, got.err, "level=DEBUG")
	require.NotContains(t, got.err, testKey[3:])

	got = xiexusCommand(t.Context(), "", "wait", "done", "-q")
	require.Empty(t, got.err)
}

func TestDemo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		got := xiexusCommand(t.Context(), "", "demo")
		require.Equal(t, 0, got.code, got.err)
		require.Less(t, time.Since(start), 15*time.Second)
		tasks := got.lines(t)
		require.Len(t, tasks, 1)
		require.Equal(t, "completed", tasks[0]["status"])
		for _, line := range []string{"created task_", "queued", "in_progress", "completed", "downloading"} {
			require.Contains(t, got.err, line)
		}
	})
}

func TestSpecAndVersion(t *testing.T) {
	got := xiexusCommand(t.Context(), "", "spec")
	require.Equal(t, 0, got.code)
	require.Equal(t, string(openapi.Document())+"\n", got.out)
	got = xiexusCommand(t.Context(), "", "version")
	require.Contains(t, got.out, "xiexus "+xiexus.Version)
}
