package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// needsShell makes sure that there is the shell that tests write commands for.
func needsShell(t *testing.T) {
	require.NotEqual(t, "windows", runtime.GOOS, "these tests are for a POSIX shell")
}

// hookInputs decodes what hooks have received, by the ID of the task.
func hookInputs(t *testing.T, lines string) map[string]map[string]any {
	inputs := map[string]map[string]any{}
	for line := range strings.Lines(lines) {
		var input map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &input), line)
		id := input["task_id"].(string)
		require.NotContains(t, inputs, id, "once for each task")
		inputs[id] = input
	}
	return inputs
}

// addHookTasks adds tasks that end in different ways.
func addHookTasks(relay *xiexustest.Relay, url string) {
	relay.Add("done", xiexustest.Completes(0, url, xiexustest.Stored))
	relay.Add("also", xiexustest.Completes(0, url, xiexustest.Stored))
	relay.Add("bad", xiexustest.Fails(0, "unsafe", xiexustest.Stored))
	relay.Add("slow", xiexustest.Completes(time.Hour, url, xiexustest.Stored))
}

func requireHookInputs(t *testing.T, inputs map[string]map[string]any) {
	require.Len(t, inputs, 4)
	for _, id := range []string{"done", "also"} {
		require.Equal(t, "completed", inputs[id]["status"])
		require.EqualValues(t, 0, inputs[id]["exit_code"])
		require.NotContains(t, inputs[id], "reason")
		require.NotEmpty(t, inputs[id]["url"])
	}
	require.Equal(t, map[string]any{"message": "unsafe"}, inputs["bad"]["error"])
	require.EqualValues(t, exitTaskFailed, inputs["bad"]["exit_code"])
	require.Equal(t, `task "bad" failed: unsafe`, inputs["bad"]["reason"])
	require.EqualValues(t, exitTimedOut, inputs["slow"]["exit_code"])
	require.Contains(t, inputs["slow"]["reason"], "timed out")
}

func TestExec_RunsOncePerEndedTask(t *testing.T) {
	needsShell(t)
	relay, _, url := startCDN(t)
	addHookTasks(relay, url)
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	for _, command := range []string{"wait", "download --dir " + dir} {
		require.NoError(t, os.RemoveAll(log))
		line := append(strings.Fields(command), "done", "bad", "slow", "also", "done", "--max-wait", "1s", "--exec", "cat >> "+log)
		got := runCommand(t.Context(), "", line...)
		require.Equal(t, exitTaskFailed, got.code, got.err)
		content, err := os.ReadFile(log)
		require.NoError(t, err)
		inputs := hookInputs(t, string(content))
		requireHookInputs(t, inputs)
		if command != "wait" {
			require.Equal(t, filepath.Join(dir, "done.mp4"), inputs["done"]["file"])
			require.EqualValues(t, film, inputs["done"]["bytes"])
		}
	}
	got := runCommand(t.Context(), "", "download", "done", "--dir", dir, "--skip-existing", "--exec", "cat >> "+log)
	require.Equal(t, 0, got.code, got.err)
	content, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Equal(t, 4, strings.Count(string(content), "\n"), "a task that is skipped has not ended now")
}

func TestWebhook_IsCalledOncePerEndedTask(t *testing.T) {
	relay := startRelay(t)
	addHookTasks(relay, video)
	var lock sync.Mutex
	var bodies strings.Builder
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		body, _ := io.ReadAll(req.Body)
		bodies.Write(body)
		if req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json" || !strings.HasPrefix(req.UserAgent(), "xiexus/") {
			t.Errorf("%s with %v", req.Method, req.Header)
		}
		if dump := fmt.Sprint(req.Header, req.URL, string(body)); strings.Contains(dump, testKey[3:]) || req.Header.Get("Authorization") != "" {
			t.Errorf("the key is in %s", dump)
		}
	}))
	defer hook.Close()
	got := runCommand(t.Context(), "", "wait", "done", "bad", "slow", "also", "--max-wait", "1s", "--webhook", hook.URL+"/?token=s3cret")
	require.Equal(t, exitTaskFailed, got.code, got.err)
	requireHookInputs(t, hookInputs(t, bodies.String()))
	require.NotContains(t, got.err, "s3cret")
	require.Contains(t, got.err, "to resume: xiexus wait slow --webhook URL\n")
}

func TestExec_OfCreate(t *testing.T) {
	needsShell(t)
	relay := startRelay(t)
	relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return xiexustest.Completes(0, video) })
	got := runCommand(t.Context(), "", "create", "-m", "m", "-p", "p", "--wait", "--interval", "1s", "--exec", "cat", "-q")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "completed", hookInputs(t, got.err)[relay.Created()[0]]["status"], "what a command prints appears on standard error")
	got = runCommand(t.Context(), "", "create", "-m", "m", "-p", "p", "--exec", "cat")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "--exec requires --wait or --download")
}

func TestExec_HasNoKey(t *testing.T) {
	needsShell(t)
	relay := startRelay(t)
	relay.Add("done", xiexustest.Completes(0, video))
	t.Setenv("COPY_OF_THE_KEY", "Bearer "+testKey)
	t.Setenv("OTHER", "kept")
	for _, args := range [][]string{nil, {"--api-key-file", keyFile(t, testKey)}} {
		got := runCommand(t.Context(), "", append([]string{"wait", "done", "-q", "--exec", `echo "<$OTHER>"; env; ps -o args= -p $$ || true`}, args...)...)
		require.Equal(t, 0, got.code, got.err)
		require.Contains(t, got.err, "<kept>")
		require.NotContains(t, got.err, "XIEXUS_API_KEY")
		require.NotContains(t, got.err, testKey[3:])
	}
}

func TestHooks_ErrorsAreReportedAndDoNotAffectTasks(t *testing.T) {
	needsShell(t)
	relay := startRelay(t)
	for _, id := range []string{"one", "two", "three"} {
		relay.Add(id, xiexustest.Completes(0, video, xiexustest.Stored))
	}
	relay.Add("bad", xiexustest.Fails(0, "unsafe", xiexustest.Stored))
	status := http.StatusOK
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer hook.Close()
	tests := []struct {
		name   string
		hook   []string
		status int
		want   string
	}{
		{"exit status", []string{"--exec", "exit 3"}, 0, `--exec for task "one": exit status 3`},
		{"command not found", []string{"--exec", "no-such-command-here"}, 0, `--exec for task "one": exit status 127`},
		{"time limit", []string{"--exec", "sleep 100", "--hook-timeout", "50ms"}, 0, `--exec for task "one": not done after 50ms; see --hook-timeout`},
		{"time limit of a command with children", []string{"--exec", "sleep 100 & sleep 100; true", "--hook-timeout", "50ms"}, 0, `not done after 50ms`},
		{"server error", []string{"--webhook", hook.URL + "/s3cret"}, http.StatusInternalServerError, `--webhook for task "one": response 500 Internal Server Error`},
		{"redirect", []string{"--webhook", hook.URL + "/s3cret"}, http.StatusFound, `--webhook for task "one": response 302 Found`},
		{"no server", []string{"--webhook", "http://127.0.0.1:1/s3cret"}, 0, "connection refused"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status = test.status
			start := time.Now()
			got := runCommand(t.Context(), "", append([]string{"wait", "one", "two", "three"}, test.hook...)...)
			require.Equal(t, exitOther, got.code, got.err)
			require.Len(t, got.lines(t), 3)
			require.Contains(t, got.err, test.want)
			require.Contains(t, got.err, "xiexus: 3 of 3 runs of --exec or --webhook failed; see above\n")
			require.NotContains(t, got.err, "s3cret")
			require.Less(t, time.Since(start), 30*time.Second)
			got = runCommand(t.Context(), "", append([]string{"wait", "one", "bad"}, test.hook...)...)
			require.Equal(t, exitTaskFailed, got.code, "the errors of tasks come first")
		})
	}
}

func TestHooks_DoNotReadInputAndLeaveProcesses(t *testing.T) {
	needsShell(t)
	relay := startRelay(t)
	relay.Add("done", xiexustest.Completes(0, "data:video/mp4;base64,"+strings.Repeat("A", 1<<20), xiexustest.Stored))
	got := runCommand(t.Context(), "", "wait", "done", "--exec", "sleep 5 & echo 'un\x1b[31msafe'; printf rest", "-q")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "un [31msafe\nrest\n", got.err)
}

func TestHooks_DoNotBlockOtherTasks(t *testing.T) {
	needsShell(t)
	relay := startRelay(t)
	ids := addTasks(relay, 200)
	release := filepath.Join(t.TempDir(), "fifo")
	out := make(resultCounter, len(ids))
	done := make(chan int)
	go func() {
		var errs bytes.Buffer
		hook := "until test -e " + release + "; do sleep 0.05; done"
		done <- Run(t.Context(), append([]string{"wait", "-q", "--exec", hook}, ids...), Streams{In: strings.NewReader(""), Out: out, Err: &errs})
	}()
	for range ids {
		<-out // all results are printed while the first commands are still running
	}
	require.NoError(t, os.WriteFile(release, nil, 0o600))
	require.Equal(t, 0, <-done)
}

// resultCounter receives a value for each line that is written.
type resultCounter chan struct{}

func (c resultCounter) Write(p []byte) (int, error) {
	c <- struct{}{}
	return len(p), nil
}

func TestHooks_InterruptEndsThem(t *testing.T) {
	needsShell(t)
	relay := startRelay(t)
	ids := addTasks(relay, 20)
	ctx, interrupt := context.WithCancel(t.Context())
	got := runAndInterrupt(ctx, "started", interrupt, append([]string{"wait", "--exec", "echo started; sleep 100"}, ids...)...)
	require.Equal(t, exitInterrupted, got.code)
	require.Contains(t, got.err, ": interrupted\n")
	require.Contains(t, got.err, "xiexus: interrupted; ")
	require.Contains(t, got.err, "--exec or --webhook was not run for: task_")
}

func TestHooks_InvalidFlags(t *testing.T) {
	relay := startRelay(t)
	for line, want := range map[string]string{
		"wait x --webhook ftp://x":                           "--webhook must be an http or https URL",
		"wait x --webhook s3cret":                            "--webhook must be an http or https URL",
		"wait x --exec true --hook-timeout 0s":               "--hook-timeout must be positive",
		"wait x --exec echo=" + testKey:                      "the command line contains the API key",
		"download x --webhook https://h.example/?" + testKey: "the command line contains the API key",
		"create -m m -p p --wait --exec " + testKey:          "the command line contains the API key",
	} {
		got := runCommand(t.Context(), "", strings.Fields(line)...)
		require.Equal(t, exitUsage, got.code, line)
		require.Contains(t, got.err, want)
		require.NotContains(t, got.err, "s3cret")
		require.NotContains(t, got.err, testKey[3:])
	}
	require.Empty(t, relay.Requests())
}

func TestOutputLines_AreBounded(t *testing.T) {
	var out bytes.Buffer
	lines := &outputLines{out: &out}
	for range 100 {
		_, err := io.WriteString(lines, strings.Repeat("x", 1000))
		require.NoError(t, err)
	}
	require.LessOrEqual(t, cap(lines.rest), 2*longestOutputLine)
	_, err := io.WriteString(lines, "\nnext")
	require.NoError(t, err)
	lines.flush()
	lines.flush()
	require.True(t, strings.HasSuffix(out.String(), "x…\nnext\n"))
}
