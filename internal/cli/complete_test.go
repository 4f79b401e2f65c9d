package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/history"
)

func TestCompletion_OfFilesAfterAt(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.MkdirAll(filepath.Join("sub", "deep"), 0o700))
	for _, name := range []string{"ids.txt", "ids2.txt", ".hidden", "sub/more.txt"} {
		require.NoError(t, os.WriteFile(filepath.FromSlash(name), nil, 0o600))
	}
	directory, err := os.Getwd()
	require.NoError(t, err)
	tests := map[string][]string{
		"@":                       {"@ids.txt", "@ids2.txt", "@sub/"},
		"@ids":                    {"@ids.txt", "@ids2.txt"},
		"@.h":                     {"@.hidden"},
		"@sub/":                   {"@sub/deep/", "@sub/more.txt"},
		"@./id":                   {"@./ids.txt", "@./ids2.txt"},
		"@" + directory + "/ids.": {"@" + directory + "/ids.txt"},
		"@nope/":                  nil,
		"id":                      nil,
		"":                        nil,
	}
	for typed, want := range tests {
		for _, command := range []string{"get", "wait", "download"} {
			got := runCommand(t.Context(), "", "__complete", command, "task_1", filepath.FromSlash(typed))
			lines := strings.Split(strings.TrimSpace(filepath.ToSlash(got.out)), "\n")
			require.Equal(t, append(want, lines[len(lines)-1]), lines)
		}
	}
}

func TestCompletion_OfIDs(t *testing.T) {
	relay := startRelay(t)
	keepHistory(t)
	for _, prompt := range []string{"first", "second\x1b[2J", "third"} {
		require.Equal(t, 0, createPrompt(t, prompt).code)
	}
	ids := relay.Created()
	requests := len(relay.Requests())
	for _, command := range []string{"get", "wait", "download"} {
		got := runCommand(t.Context(), "", "__complete", command, ids[2], "task_")
		require.Equal(t, ids[1]+"\tsecond [2J\n"+ids[0]+"\tfirst\n:36\n", got.out)
		got = runCommand(t.Context(), "", "__complete", command, ids[0])
		require.Equal(t, ids[0]+"\tfirst\n:36\n", got.out)
	}
	got := runCommand(t.Context(), "", "__complete", "get", "--base-url", "relay.example.com", "task_")
	require.Equal(t, ":36\n", got.out)
	require.Len(t, relay.Requests(), requests, "nothing was sent")
}

func TestCompletion_BashDoesNotSplitAtAt(t *testing.T) {
	got := runCommand(t.Context(), "", "completion", "bash")
	require.Equal(t, 0, got.code)
	require.Contains(t, got.out, "_init_completion -n =:@ ")
	plain := runCommand(t.Context(), "", "completion", "bash", "--no-descriptions")
	require.NotEqual(t, got.out, plain.out)
	require.Contains(t, plain.out, "__completeNoDesc")
}

func TestCompletion_OffersTheNewestIDsAndForWaitWhatHasNotEnded(t *testing.T) {
	startRelay(t)
	keepHistory(t)
	h := history.Open(os.Getenv(history.Env), func(text []byte) []byte { return text }, func(err error) { require.NoError(t, err) })
	for n := range maxCompletions + 2 {
		entry := h.Begin(t.Context(), history.Entry{BaseURL: strings.TrimSuffix(os.Getenv(xiexus.EnvBaseURL), "/v1/")})
		entry.TaskID, entry.State = fmt.Sprintf("task_%02d", n), history.Created
		if n > 1 {
			entry.State = history.Completed
		}
		h.Record(t.Context(), entry)
		entry = h.Begin(t.Context(), history.Entry{BaseURL: entry.BaseURL})
		entry.TaskID, entry.State = fmt.Sprintf("--exec=%d", n), history.Created // not taken for an ID
		h.Record(t.Context(), entry)
	}
	got := runCommand(t.Context(), "", "__complete", "get", "")
	require.Equal(t, maxCompletions, strings.Count(got.out, "task_"))
	require.True(t, strings.HasPrefix(got.out, "task_51\n"), got.out)
	got = runCommand(t.Context(), "", "__complete", "wait", "")
	require.Equal(t, "task_01\ntask_00\n:36\n", got.out)
}
