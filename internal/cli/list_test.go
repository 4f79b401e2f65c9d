package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/cli/history"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// keepHistory keeps the history of a test in a directory of its own.
func keepHistory(t *testing.T) (dir string) {
	dir = filepath.Join(t.TempDir(), "history")
	t.Setenv(history.Env, dir)
	return dir
}

// listTasks runs the list command and decodes what it prints.
func listTasks(t *testing.T, args ...string) []map[string]any {
	got := runCommand(t.Context(), "", append([]string{"list"}, args...)...)
	require.Equal(t, 0, got.code, got.err)
	return got.lines(t)
}

// createPrompt submits a request with a prompt.
func createPrompt(t *testing.T, prompt string, args ...string) result {
	return runCommand(t.Context(), "", append([]string{"create", "-m", "m", "-p", prompt}, args...)...)
}

func TestList_ShowsWhatBecameOfEachRequest(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		keepHistory(t)
		t.Chdir(t.TempDir())
		relay.OnCreate(func(request gen.CreateVideoRequest) xiexustest.Script {
			if request.Prompt == "unsafe" {
				return xiexustest.Fails(0, "unsafe")
			}
			return xiexustest.Completes(0, "")
		})
		require.Equal(t, 0, createPrompt(t, "only created").code)
		require.Equal(t, 0, createPrompt(t, "waited for", "--wait").code)
		require.Equal(t, 0, createPrompt(t, "downloaded", "--download", "-O", "v.mp4").code)
		require.Equal(t, exitTaskFailed, createPrompt(t, "unsafe", "--wait").code)
		relay.FailCreates(xiexustest.Fault{Status: http.StatusBadRequest}, xiexustest.Fault{Cut: true})
		require.Equal(t, exitOther, createPrompt(t, "rejected").code)
		require.Equal(t, exitUnavailable, createPrompt(t, "lost").code)
		require.Equal(t, exitUsage, createPrompt(t, "never sent", "--seed", "x").code)

		tasks := listTasks(t)
		require.Len(t, tasks, 6)
		file, err := filepath.Abs("v.mp4")
		require.NoError(t, err)
		ids := relay.Created()
		wants := []map[string]any{ // the newest first
			{"prompt": "lost", "status": "unknown", "task_id": nil, "file": nil, "output": nil},
			{"prompt": "rejected", "status": "rejected", "task_id": nil, "file": nil, "output": nil},
			{"prompt": "unsafe", "status": "failed", "task_id": ids[3], "file": nil, "output": nil},
			{"prompt": "downloaded", "status": "completed", "task_id": ids[2], "file": file, "output": file},
			{"prompt": "waited for", "status": "completed", "task_id": ids[1], "file": nil, "output": nil},
			{"prompt": "only created", "status": "created", "task_id": ids[0], "file": nil, "output": nil},
		}
		for i, want := range wants {
			for field, value := range want {
				require.Equal(t, value, tasks[i][field], "%s of %s", field, want["prompt"])
			}
			require.Equal(t, "m", tasks[i]["model"])
			require.Equal(t, os.Getenv(xiexus.EnvBaseURL), tasks[i]["base_url"])
		}
		require.Contains(t, tasks[0]["error"], "may have been created")
		require.Contains(t, tasks[1]["error"], "400")
		require.Contains(t, tasks[2]["error"], "unsafe")
	})
}

func TestList_LaterCommandsRecordWhatTheySee(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		keepHistory(t)
		relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return xiexustest.Completes(0, "") })
		relay.Add("other", xiexustest.Completes(0, ""))
		for _, command := range []string{"get", "wait", "download"} {
			require.Equal(t, 0, createPrompt(t, command).code)
			require.Equal(t, "created", listTasks(t)[0]["status"])
			id := relay.Created()[len(relay.Created())-1]
			args := []string{command, id, "other"}
			if command == "download" {
				args = append(args, "--dir", t.TempDir())
			}
			got := runCommand(t.Context(), "", args...)
			require.Equal(t, 0, got.code, got.err)
			require.Equal(t, "completed", listTasks(t)[0]["status"])
			if command == "download" {
				require.FileExists(t, listTasks(t)[0]["file"].(string))
			}
		}
		require.Len(t, listTasks(t), 3, "nothing but what was submitted here")
		require.Empty(t, listTasks(t, "--unfinished"))
	})
}

func TestList_OfBatch(t *testing.T) {
	relay := startRelay(t)
	keepHistory(t)
	writeRequests(t, "a", "b", "c")
	relay.FailCreates(xiexustest.Fault{}, xiexustest.Fault{Status: http.StatusBadRequest})
	require.Equal(t, exitOther, createRequests(t, "--concurrency", "1").code)
	tasks := listTasks(t)
	require.Len(t, tasks, 3)
	for i, want := range []string{"created", "rejected", "created"} {
		require.Equal(t, want, tasks[i]["status"])
	}
}

func TestList_IDsCanBeWaitedFor(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		keepHistory(t)
		relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return xiexustest.Completes(time.Minute, video) })
		for _, prompt := range []string{"a", "b", "c"} {
			require.Equal(t, 0, createPrompt(t, prompt).code)
		}
		got := runCommand(t.Context(), "", "list", "--ids", "--unfinished", "--limit", "2")
		ids := relay.Created()
		require.Equal(t, result{0, ids[2] + "\n" + ids[1] + "\n", ""}, got)
		waited := runCommand(t.Context(), got.out, "wait", "-")
		require.Equal(t, 0, waited.code, waited.err)
		require.Len(t, waited.lines(t), 2)
		require.Equal(t, ids[0]+"\n", runCommand(t.Context(), "", "list", "--ids", "--unfinished").out)
	})
}

func TestList_OfOneRelayUnlessAll(t *testing.T) {
	startRelay(t)
	keepHistory(t)
	require.Equal(t, 0, createPrompt(t, "a").code)
	require.Len(t, listTasks(t), 1)
	t.Setenv(xiexus.EnvAPIKey, "")
	require.Len(t, listTasks(t), 1, "takes no key")
	got := runCommand(t.Context(), "", "list", "--base-url", "http://relay.example.com/v1")
	require.Equal(t, result{0, "", "no tasks of http://relay.example.com in the history; --all lists those of every relay\n"}, got)
	require.Len(t, listTasks(t, "--base-url", "relay.example.com", "--all"), 1)
	t.Setenv(envProfile, "none")
	require.Len(t, listTasks(t, "--all"), 1, "takes no relay")
}

func TestList_SaysWhyNothingIsListed(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		keepHistory(t)
		url := os.Getenv(xiexus.EnvBaseURL)
		requireNote := func(flags, want string) {
			got := runCommand(t.Context(), "", strings.Fields("list "+flags)...)
			require.Equal(t, result{0, "", want + "\n"}, got)
		}
		const all = "; --all lists those of every relay"
		requireNote("", "no tasks of "+url+" in the history"+all)
		requireNote("--all", "no tasks in the history")

		relay.FailCreates(xiexustest.Fault{Status: http.StatusBadRequest})
		require.Equal(t, exitOther, createPrompt(t, "rejected").code)
		requireNote("--ids", "no tasks of "+url+" in the history"+all)

		relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return xiexustest.Completes(0, "") })
		for range 2 {
			require.Equal(t, 0, createPrompt(t, "ended", "--wait").code)
		}
		requireNote("--unfinished", "all tasks of "+url+" in the history have ended: 2"+all)
		requireNote("--all --unfinished --ids", "all tasks in the history have ended: 2")

		relay.FailCreates(xiexustest.Fault{Cut: true})
		require.Equal(t, exitUnavailable, createPrompt(t, "lost").code)
		requireNote("--unfinished --ids", `requests that may have created tasks whose IDs are not known: 1; see "xiexus list"`)
		require.Len(t, listTasks(t, "--unfinished"), 1)
	})
}

func TestList_LimitIsMentionedUnlessGiven(t *testing.T) {
	startRelay(t)
	keepHistory(t)
	for range defaultListLimit + 1 {
		require.Equal(t, 0, createPrompt(t, "a").code)
	}
	for flags, want := range map[string]string{
		"-o table":                     "30 of 31 tasks; --limit 0 lists all\n",
		"-o table --limit 2":           "",
		"-o table --limit 0":           "",
		"-o json":                      "",
		"-o json --limit 2":            "",
		"--ids --limit 2 --unfinished": "",
	} {
		require.Equal(t, want, runCommand(t.Context(), "", strings.Fields("list "+flags)...).err, flags)
	}
}

func TestList_Errors(t *testing.T) {
	startRelay(t)
	dir := keepHistory(t)
	require.NoError(t, os.WriteFile(dir, nil, 0o600))
	for line, want := range map[string]string{
		"list --limit -1":      "--limit must not be negative",
		"list --ids -o json":   "--ids and --output cannot be used together",
		"list --base-url ftp:": "base URL",
		"list x":               `list takes no arguments, got "x"; see "xiexus list --help"`,
	} {
		got := runCommand(t.Context(), "", strings.Fields(line)...)
		require.Equal(t, exitUsage, got.code, got.err)
		require.Contains(t, got.err, want)
	}
	got := runCommand(t.Context(), "", "list")
	require.Equal(t, exitOther, got.code, "the directory is a file: %s", got.err)
	require.Contains(t, got.err, "cannot read the history: ")
}

func TestList_RequestThatWasNotSent(t *testing.T) {
	startRelay(t)
	keepHistory(t)
	const refused = "http://127.0.0.1:1"
	got := createPrompt(t, "a", "--base-url", refused, "--max-retries", "0")
	require.Equal(t, exitUnavailable, got.code, got.err)
	tasks := listTasks(t, "--base-url", refused)
	require.Equal(t, "not_sent", tasks[0]["status"])
	require.Contains(t, tasks[0]["error"], "refused")
	require.Empty(t, listTasks(t, "--base-url", refused, "--unfinished"))
	got = runCommand(t.Context(), "", "list", "--base-url", refused, "-o", "table")
	require.Contains(t, got.out, "  not sent  ")
}
