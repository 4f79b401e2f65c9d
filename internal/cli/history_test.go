package cli

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/cli/history"
	"github.com/xiexus/xiexus-go/xiexustest"
	"golang.org/x/sync/errgroup"
)

func TestHistory_CanBeOff(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		args []string
	}{
		{"variable", map[string]string{history.Env: "off"}, nil},
		{"variable in capitals", map[string]string{history.Env: "OFF"}, nil},
		{"variable that is false", map[string]string{history.Env: "False"}, nil},
		{"variable that is zero", map[string]string{history.Env: "0"}, nil},
		{"CI", map[string]string{history.Env: "", "CI": "true"}, nil},
		{"flag", nil, []string{"--no-history"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			startRelay(t)
			state := t.TempDir()
			t.Setenv("XDG_STATE_HOME", state)
			t.Setenv("CI", "")
			t.Setenv(history.Env, "")
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			require.Equal(t, 0, createPrompt(t, "a", test.args...).code)
			files, err := os.ReadDir(state)
			require.NoError(t, err)
			require.Empty(t, files)
			got := runCommand(t.Context(), "", "list")
			require.Equal(t, 0, got.code, got.err)
			require.Empty(t, got.out)
			require.Equal(t, 1, strings.Count(got.err, "\n"))
		})
	}
}

func TestHistory_IsPrivate(t *testing.T) {
	startRelay(t)
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	t.Setenv("CI", "false")
	t.Setenv(history.Env, "")
	prompt := "the key is " + testKey + " " + strings.Repeat("x", 3000) + "end"
	require.Equal(t, 0, runCommand(t.Context(), prompt, "create", "-m", "m", "-p", "-").code)
	dir := filepath.Join(state, "xiexus", "history")
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	for _, name := range []string{"lock", "tasks.jsonl"} {
		info, err = os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	file := filepath.Join(dir, "tasks.jsonl")
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(content), "the key is sk-[redacted] xxx")
	require.NotContains(t, string(content), testKey[3:])
	require.NotContains(t, string(content), "end")
}

func TestHistory_NeverFailsACreate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	tests := map[string]struct{ dir, want string }{
		"not a directory": {file, file},
		"relative":        {"history", "must be \"off\" or the absolute path of a directory"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			relay := startRelay(t)
			t.Setenv(history.Env, test.dir)
			writeRequests(t, "a", "b", "c")
			got := createRequests(t, "-q")
			require.Equal(t, 0, got.code, got.err)
			require.Len(t, relay.Created(), 3)
			require.Equal(t, 1, strings.Count(got.err, "warning: "), "once, and even if quiet: %s", got.err)
			require.Contains(t, got.err, test.want)
			require.Contains(t, got.err, `warning: some tasks will not be in "xiexus list": `)
			require.Contains(t, got.err, "set XIEXUS_HISTORY=off\n")
			got = createPrompt(t, "a")
			require.Equal(t, 0, got.code, got.err)
			require.Contains(t, got.err, `warning: this task will not be in "xiexus list": `)
		})
	}
}

func TestHistory_ShowsTasksOfKilledCommands(t *testing.T) {
	keepHistory(t)
	received := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		close(received)
		<-req.Context().Done()
	}))
	defer server.Close()
	t.Setenv(xiexus.EnvAPIKey, testKey)
	t.Setenv(xiexus.EnvBaseURL, server.URL)
	command := exec.CommandContext(t.Context(), os.Args[0], "create", "-m", "m", "-p", "a")
	command.Env = append(os.Environ(), asCommand+"=1")
	require.NoError(t, command.Start())
	<-received
	require.NoError(t, command.Process.Kill())
	require.Error(t, command.Wait())

	require.Equal(t, "unknown", listTasks(t)[0]["status"])
	got := runCommand(t.Context(), "", "list", "-o", "table")
	require.Contains(t, got.out, "unknown: may have been created")
	require.Empty(t, runCommand(t.Context(), "", "list", "--ids").out)
}

func TestHistory_OfConcurrentProcesses(t *testing.T) {
	relay := startRelay(t)
	keepHistory(t)
	const processes = 8
	var running errgroup.Group
	for range processes {
		running.Go(func() error {
			command := exec.CommandContext(t.Context(), os.Args[0], "create", "-m", "m", "-p", "a")
			command.Env = append(os.Environ(), asCommand+"=1")
			return command.Run()
		})
	}
	require.NoError(t, running.Wait())
	var ids []string
	for _, task := range listTasks(t) {
		require.Equal(t, "created", task["status"])
		ids = append(ids, task["task_id"].(string))
	}
	require.ElementsMatch(t, relay.Created(), ids)
	require.Len(t, ids, processes)
}

func TestHistory_RecordsAnInterruptedCreate(t *testing.T) {
	relay := startRelay(t)
	keepHistory(t)
	ctx, interrupt := context.WithCancel(t.Context())
	relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script {
		interrupt()
		return xiexustest.Completes(0, video)
	})
	relay.FailCreates(xiexustest.Fault{})
	got := runCommand(ctx, "", "create", "-m", "m", "-p", "a", "--wait")
	require.Equal(t, exitInterrupted, got.code)
	require.Contains(t, []any{"created", "unknown"}, listTasks(t)[0]["status"])
}
