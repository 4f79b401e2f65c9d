package history

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/filelock"
)

func asIs(text []byte) []byte { return text }

// openHistory returns a history that must not warn.
func openHistory(t *testing.T, dir string) *History {
	return Open(dir, asIs, func(err error) { t.Errorf("unexpected warning: %v", err) })
}

// prompts returns the prompts in a history.
func prompts(t *testing.T, dir string) []string {
	entries, err := Read(t.Context(), dir)
	require.NoError(t, err)
	var prompts []string
	for _, entry := range entries {
		prompts = append(prompts, entry.Prompt)
	}
	return prompts
}

func TestHistory_KeepsTheNewestEntries(t *testing.T) {
	dir := t.TempDir()
	h := openHistory(t, dir)
	h.store.maxSize = 10_000
	const tasks = 500
	for n := range tasks {
		entry := h.Begin(t.Context(), Entry{BaseURL: "https://relay.example.com", Prompt: strconv.Itoa(n)})
		entry.State, entry.TaskID = Created, fmt.Sprint("task_", n)
		h.Record(t.Context(), entry)
	}
	kept := prompts(t, dir)
	require.Greater(t, len(kept), 20)
	require.Less(t, len(kept), 200)
	for i, prompt := range kept {
		require.Equal(t, strconv.Itoa(tasks-len(kept)+i), prompt)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, file := range files {
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Less(t, info.Size(), int64(11_000))
	}
}

func TestHistory_RedactsAllFields(t *testing.T) {
	dir := t.TempDir()
	redact := func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("secret"), []byte("[redacted]")) }
	h := Open(dir, redact, func(err error) { t.Errorf("unexpected warning: %v", err) })
	h.Begin(t.Context(), Entry{Model: "secret", Output: "/secret", Prompt: strings.Repeat("x", maxText-3) + "secret"})
	content, err := os.ReadFile(filepath.Join(dir, currentName))
	require.NoError(t, err)
	require.NotContains(t, string(content), "sec", "nor a part of it, where the prompt is cut")
	require.Equal(t, 3, strings.Count(string(content), "[r"))
}

func TestHistory_SurvivesDamage(t *testing.T) {
	const valid = `{"key":"1","prompt":"valid"}` + "\n"
	tests := []struct {
		name, content string
		want          []string
	}{
		{"none", "", []string{"new"}},
		{"cut", valid + valid[:10], []string{"valid", "new"}},
		{"cut in the middle", valid[:10] + "\n" + valid, []string{"valid", "new"}},
		{"another file", "<html>\n", []string{"new"}},
		{"without keys", "{}\n" + valid, []string{"valid", "new"}},
		{"of a later version", `{"key":"1","prompt":"later","more":[1]}` + "\n", []string{"later", "new"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, currentName), []byte(test.content), 0o600))
			openHistory(t, dir).Begin(t.Context(), Entry{Prompt: "new"})
			require.Equal(t, test.want, prompts(t, dir))
		})
	}
}

func TestHistory_UpdatesOnlyWhatItHas(t *testing.T) {
	dir := t.TempDir()
	h := openHistory(t, dir)
	entry := h.Begin(t.Context(), Entry{BaseURL: "https://a.example.com"})
	entry.State, entry.TaskID = Created, "task_1"
	h.Record(t.Context(), entry)
	size := func() int64 {
		info, err := os.Stat(filepath.Join(dir, currentName))
		require.NoError(t, err)
		return info.Size()
	}
	complete := func(entry *Entry) { entry.State = Completed }
	before := size()
	later := openHistory(t, dir) // of another process
	later.Update(t.Context(), "https://b.example.com", "task_1", complete)
	later.Update(t.Context(), "https://a.example.com", "task_2", complete)
	require.Equal(t, before, size())
	later.Update(t.Context(), "https://a.example.com", "task_1", complete)
	after := size()
	require.Greater(t, after, before)
	later.Update(t.Context(), "https://a.example.com", "task_1", complete)
	require.Equal(t, after, size(), "nothing has changed")
	entries, err := Read(t.Context(), dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, Completed, entries[0].State)
}

func TestHistory_WarnsOnceIfItIsLocked(t *testing.T) {
	dir := t.TempDir()
	lock, _, err := filelock.Open(filepath.Join(dir, lockName), 0o600)
	require.NoError(t, err)
	defer func() { _ = lock.Close() }()
	synctest.Test(t, func(t *testing.T) {
		var warnings []error
		h := Open(dir, asIs, func(err error) { warnings = append(warnings, err) })
		start := time.Now()
		for range 3 {
			h.Begin(t.Context(), Entry{Prompt: "a"})
		}
		require.Equal(t, 5*time.Second, time.Since(start))
		require.Len(t, warnings, 1)
		require.ErrorIs(t, warnings[0], filelock.ErrBusy)
	})
}

func TestHistory_WaitsForTheLockAfterAnInterrupt(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		interrupted, cancel := context.WithCancel(t.Context())
		cancel()
		lock, _, err := filelock.Open(filepath.Join(dir, lockName), 0o600)
		require.NoError(t, err)
		time.AfterFunc(time.Second, func() { _ = lock.Close() })
		openHistory(t, dir).Begin(interrupted, Entry{Prompt: "a"})
		require.Equal(t, []string{"a"}, prompts(t, dir))
	})
}

func TestHistory_ConcurrentUse(t *testing.T) {
	dir := t.TempDir()
	var running sync.WaitGroup
	for range 4 {
		h := openHistory(t, dir)
		for range 5 {
			running.Go(func() { h.Begin(t.Context(), Entry{Prompt: "a"}) })
		}
	}
	running.Wait()
	require.Len(t, prompts(t, dir), 20)
}

func TestHistory_NilRecordsNothing(t *testing.T) {
	var h *History
	h.Record(t.Context(), h.Begin(t.Context(), Entry{}))
	h.Update(t.Context(), "", "", nil)
}

func TestHistory_DoesNotFollowLinks(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(t.TempDir(), "target")
	if err := os.Symlink(target, filepath.Join(dir, currentName)); err != nil || filelock.NoFollow == 0 {
		t.Logf("links are followed on this system: %v", err)
		return
	}
	var warned error
	Open(dir, asIs, func(err error) { warned = err }).Begin(t.Context(), Entry{})
	require.Error(t, warned)
	require.NoFileExists(t, target)
}

func TestRead_OnlyRegularFiles(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, currentName), 0o700))
	_, err := Read(t.Context(), dir)
	require.ErrorContains(t, err, "not a regular file")
}

func TestRead_NothingIsAnEmptyHistory(t *testing.T) {
	require.Empty(t, prompts(t, filepath.Join(t.TempDir(), "none")))
}

func TestDir(t *testing.T) {
	home, state := t.TempDir(), t.TempDir()
	tests := []struct {
		name, history, ci, state, want, wantErr string
	}{
		{"by default", "", "", state, filepath.Join(state, "xiexus", "history"), ""},
		{"not a job of a CI system", "", "false", state, filepath.Join(state, "xiexus", "history"), ""},
		{"a job of a CI system", "", "woodpecker", state, "", ErrOff.Error()},
		{"off", "off", "", state, "", ErrOff.Error()},
		{"elsewhere", home, "1", state, home, ""},
		{"relative", "dir", "", state, "", "absolute path"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(Env, test.history)
			t.Setenv("CI", test.ci)
			t.Setenv("XDG_STATE_HOME", test.state)
			dir, err := Dir()
			require.Equal(t, test.want, dir)
			if test.wantErr != "" {
				require.ErrorContains(t, err, test.wantErr)
				return
			}
			require.NoError(t, err)
		})
	}
}

func TestEntry_LimitsTexts(t *testing.T) {
	entry := Entry{Prompt: strings.Repeat("长", 3000), Error: strings.Repeat("x", 3000)}.limited()
	require.Len(t, []rune(entry.Prompt), maxText)
	require.Len(t, []rune(entry.Error), maxText)
}
