package cli

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDemo(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		got := runCommand(t.Context(), "", "demo")
		require.Equal(t, 0, got.code, got.err)
		require.Less(t, time.Since(start), 15*time.Second)
		tasks := got.lines(t)
		require.Len(t, tasks, 1)
		require.Equal(t, "completed", tasks[0]["status"])
		require.FileExists(t, tasks[0]["file"].(string))
		for _, line := range []string{"created task_", "queued", "in_progress", "completed", "downloading"} {
			require.Contains(t, got.err, line)
		}
		require.Contains(t, tasks[0]["url"], "https://raw.githubusercontent.com/xiexus/xiexus-go/HEAD/xiexustest/sample.mp4", "a file of this repository")
	})
}

func TestDemo_LeavesOneDirectory(t *testing.T) {
	parent := t.TempDir()
	t.Setenv("TMPDIR", parent)
	synctest.Test(t, func(t *testing.T) {
		for range 2 {
			got := runCommand(t.Context(), "", "demo")
			require.Equal(t, 0, got.code, got.err)
			left, err := filepath.Glob(filepath.Join(parent, "*", "*"))
			require.NoError(t, err)
			require.Equal(t, []string{got.lines(t)[0]["file"].(string)}, left)
			require.Contains(t, got.err, "the video is in "+filepath.Dir(left[0])+" ", "and it says where")
		}
	})
}

func TestDemo_InterruptRemovesDirectory(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		got := runAndInterrupt(ctx, "downloading", interrupt, "demo")
		require.Equal(t, exitInterrupted, got.code, got.err)
		require.Contains(t, got.err, "xiexus: interrupted; not downloaded: task_")
		left, err := filepath.Glob(filepath.Join(dir, "*"))
		require.NoError(t, err)
		require.Empty(t, left)
	})
}
