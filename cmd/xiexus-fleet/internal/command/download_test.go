package command

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/fetch"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/status"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// completed lets a fleet end some tasks.
func (f *fleet) completed(ids ...string) {
	for _, id := range ids {
		f.relay.Add(id, xiexustest.Completes(0, ""))
	}
	require.Equal(f.t, 0, f.run(f.t.Context(), append([]string{"submit"}, ids...)...).code)
	stop := f.work()
	f.until("all results", func(s status.Status) bool { return s.Waiting.Shards == 0 && s.Done.Total() == int64(len(ids)) })
	stop()
}

// savedIn returns the lines of download by task.
func savedIn(t *testing.T, stdout string) map[string]fetch.Saved {
	saved := map[string]fetch.Saved{}
	for line := range strings.Lines(stdout) {
		var s fetch.Saved
		require.NoError(t, json.Unmarshal([]byte(line), &s))
		require.NotContains(t, saved, s.TaskID, "reported twice")
		saved[s.TaskID] = s
	}
	return saved
}

func TestDownload_SharesVideosBetweenProcesses(t *testing.T) {
	f := newFleet(t)
	f.completed("task_1", "task_2", "task_3", "task_4", "task_5")
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "task_2.mp4"), []byte("here before"), 0o600))

	first := make(chan output, 1)
	go func() { first <- f.run(t.Context(), "download", "--dir", dir, "--concurrency", "2") }()
	second := f.run(t.Context(), "download", "--dir", dir, "--concurrency", "2")
	one := <-first
	require.Equal(t, 0, one.code, one.stderr)
	require.Equal(t, 0, second.code, second.stderr)

	saved := savedIn(t, one.stdout+second.stdout)
	require.Len(t, saved, 5)
	for id, s := range saved {
		require.Nil(t, s.Error, id)
		require.Equal(t, filepath.Join(dir, id+".mp4"), s.File)
		require.Equal(t, id == "task_2", s.Existed, id)
	}
	content, err := os.ReadFile(filepath.Join(dir, "task_2.mp4"))
	require.NoError(t, err)
	require.Equal(t, "here before", string(content))
	require.FileExists(t, filepath.Join(dir, "task_5.mp4"))

	again := f.run(t.Context(), "download", "--dir", dir)
	require.Equal(t, output{0, "", "saved 0 videos; 0 existed, 0 failed\n"}, again)
}

func TestDownload_ReportsWhatFailsAfterSomeAttempts(t *testing.T) {
	f := newFleet(t)
	f.completed("task_1")
	f.relay.SetContent(xiexustest.Delivery{Video: xiexustest.VideoFromBytes([]byte("<html>no video</html>"))})
	dir := t.TempDir()
	out := f.run(t.Context(), "download", "--dir", dir, "--attempts", "3", "--retry-delay", "10ms")
	require.Equal(t, exitOther, out.code, out.stderr)
	require.Equal(t, 2, strings.Count(out.stderr, "it is tried again"), out.stderr)
	saved := savedIn(t, out.stdout)["task_1"]
	require.NotNil(t, saved.Error)
	require.Empty(t, saved.File)
	require.NoFileExists(t, filepath.Join(dir, "task_1.mp4"))
	require.Contains(t, out.stderr, "1 download failed")

	f.relay.SetContent(xiexustest.Delivery{})
	other := f.run(t.Context(), "download", "--dir", dir, "--group", "again")
	require.Equal(t, 0, other.code, other.stderr)
	require.FileExists(t, filepath.Join(dir, "task_1.mp4"))
}

func TestDownload_WrongKey(t *testing.T) {
	f := newFleet(t)
	f.completed("task_1")
	t.Setenv("XIEXUS_API_KEY", "sk-another-key-that-is-wrong")
	out := f.run(t.Context(), "download", "--dir", t.TempDir())
	require.Equal(t, exitKeyRejected, out.code, out.stderr)
	require.NotContains(t, out.stdout+out.stderr, "sk-another-key")
}

func TestDownload_RejectsInvalidCommandLines(t *testing.T) {
	f := newFleet(t)
	for _, args := range [][]string{
		{"--concurrency", "0"}, {"--attempts", "0"}, {"--group", "a b"}, {"--retry-delay", "-1s"}, {"--timeout", "-1s"}, {"task_1"},
	} {
		out := f.run(t.Context(), append([]string{"download"}, args...)...)
		require.Equal(t, exitUsage, out.code, args)
	}
	t.Setenv("XIEXUS_API_KEY", "")
	require.Equal(t, exitUsage, f.run(t.Context(), "download").code)
}

func TestDownload_FollowsUntilInterrupted(t *testing.T) {
	f := newFleet(t)
	f.completed("task_1")
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	out := f.run(ctx, "download", "--dir", t.TempDir(), "--follow")
	require.Equal(t, 0, out.code, out.stderr)
	require.Len(t, savedIn(t, out.stdout), 1)
}
