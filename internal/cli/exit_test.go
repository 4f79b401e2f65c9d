package cli

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// exitCase is a command line, its exit code, and a part of standard error.
type exitCase struct {
	line string
	code int
	want string
}

func (c exitCase) run(t *testing.T) {
	got := runCommand(t.Context(), "", strings.Fields(c.line)...)
	require.Equal(t, c.code, got.code, got.err)
	require.Contains(t, got.err, c.want)
	require.NotContains(t, got.out+got.err, testKey[3:])
	if c.code != 0 && !strings.Contains(c.line, "wait") && !strings.Contains(c.want, " of ") {
		require.Equal(t, 1, strings.Count(got.err, "\n"), "one line: %s", got.err)
	}
}

// addExitTasks adds the tasks of the exit cases.
func addExitTasks(relay *xiexustest.Relay) {
	relay.Add("done", xiexustest.Completes(0, video))
	relay.Add("bad", xiexustest.Fails(0, "unsafe"))
	relay.Add("broken", xiexustest.Completes(0, video))
	relay.Add("slow", xiexustest.Completes(0, video))
	relay.Add("page", xiexustest.Completes(0, video))
	for range 1000 {
		relay.Fail("broken", xiexustest.Fault{Status: 503})
		relay.Fail("slow", xiexustest.Fault{Delay: time.Minute})
		relay.Fail("page", xiexustest.Fault{HTML: true})
	}
}

// keyFile returns a file that contains a key.
func keyFile(t *testing.T, key string) string {
	name := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(name, []byte(key), 0o600))
	return name
}

func TestExitCodes(t *testing.T) {
	addExitTasks(startRelay(t))
	rightKey, wrongKey := keyFile(t, "Bearer "+testKey+"\n"), keyFile(t, "sk-wrong-wrong-wrong")
	tests := []exitCase{
		{"get done", 0, ""},
		{"get bad", 0, ""},
		{"get done --api-key-file " + rightKey, 0, ""},
		{"get nope", exitNotFound, "task_not_exist"},
		{"get done nope bad", exitNotFound, "1 of 3"},
		{"get done --api-key-file " + wrongKey, exitKeyRejected, "check the API key"},
		{"get done bad --api-key-file " + wrongKey, exitKeyRejected, "2 of 2 tasks were not read"},
		{"get slow --timeout 50ms --max-retries 0", exitTimedOut, "deadline"},
		{"get broken --max-retries 0", exitUnavailable, "503"},
		{"get done --base-url http://127.0.0.1:1 --max-retries 0", exitUnavailable, "refused"},
		{"get page", exitOther, "base URL"},
		{"get", exitUsage, "give at least one"},
		{"get -", 0, "no task IDs were read; nothing to do"},
		{"get ..", exitUsage, "invalid task ID"},
		{"get done --output yaml", exitUsage, "yaml"},
		{"get done --max-retries -1", exitUsage, "negative"},
		{"get done --timeout -1s", exitUsage, "negative"},
		{"get done --concurrency 0", exitUsage, "concurrency"},
		{"get done --concurrency 10001", exitUsage, "concurrency"},
		{"get done --no-such-flag", exitUsage, "unknown flag"},
		{"get done --base-url http://relay.example.com", exitUsage, "use https or --insecure-http"},
		{"get done --api-key-file /no/such/file", exitUsage, "no such file"},
		{"get done --api-key-file " + t.TempDir(), exitUsage, "directory"},
		{"nonsense", exitUsage, "unknown command"},
		{"serve --dialect klingon", exitUsage, "klingon"},
	}
	for _, test := range tests {
		t.Run(test.line, test.run)
	}
}

func TestExitCodes_OfWait(t *testing.T) {
	wrongKey := keyFile(t, "sk-wrong-wrong-wrong")
	tests := []exitCase{
		{"wait done", 0, "completed"},
		{"wait bad", exitTaskFailed, "unsafe"},
		{"wait done bad", exitTaskFailed, "1 of 2"},
		{"wait nope", exitNotFound, "task_not_exist"},
		{"wait done --api-key-file " + wrongKey, exitKeyRejected, "check the API key"},
		{"wait broken --max-wait 5s", exitTimedOut, "503"},
		{"wait done --max-wait -1s", exitUsage, "negative"},
		{"wait done --interval -1s", exitUsage, "at least 1s"},
		{"wait done --interval 999ms", exitUsage, "at least 1s"},
		{"download nope -O -", exitNotFound, "task_not_exist"},
		{"download done --interval 1ms", exitUsage, "at least 1s"},
		{"create -m m -p p --wait --interval 1ms", exitUsage, "at least 1s"},
	}
	for _, test := range tests {
		t.Run(test.line, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
				addExitTasks(relay)
				test.run(t)
			})
		})
	}
}

func TestExitCode_IsThatOfFirstGivenTask(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("bad", xiexustest.Fails(time.Minute, "unsafe"))
		relay.Add("done", xiexustest.Completes(0, video))
		got := runCommand(t.Context(), "", "wait", "done", "bad", "nope", "also-nope")
		require.Equal(t, exitTaskFailed, got.code, "not that of the first to end")
		require.Contains(t, got.err, "3 of 4 tasks had errors")
		got = runCommand(t.Context(), "nope bad", "wait", "-")
		require.Equal(t, exitNotFound, got.code)
	})
}

func TestKey_MissingIsReportedBeforeAnythingIsSent(t *testing.T) {
	relay := startRelay(t)
	t.Setenv(xiexus.EnvAPIKey, "")
	got := runCommand(t.Context(), "", "get", "task")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "set XIEXUS_API_KEY, or use --api-key-file or --profile")
	require.Empty(t, relay.Requests())
}

func TestExitCodes_AreTheSameInTheHelpAndTheREADMEs(t *testing.T) {
	want := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^  (\d+) +(.+(?:\n       .+)*)`).FindAllStringSubmatch(exitCodesHelp, -1) {
		want[row[1]] = strings.Join(strings.Fields(row[2]), " ")
	}
	require.Len(t, want, 10)
	for _, file := range []string{"README.md", "README.zh-CN.md"} {
		content, err := os.ReadFile(filepath.Join("..", "..", file))
		require.NoError(t, err)
		got := map[string]string{}
		for _, row := range regexp.MustCompile(`(?m)^\| (\d+) \| (.+) \|$`).FindAllStringSubmatch(string(content), -1) {
			got[row[1]] = strings.ReplaceAll(row[2], "`", "")
		}
		if file == "README.md" {
			require.Equal(t, want, got)
		}
		require.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)), file)
	}
}
