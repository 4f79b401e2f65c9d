package screen

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

func TestLines_PrintChangesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tasks := NewTaskList()
		require.True(t, tasks.Start("task_1"))
		require.False(t, tasks.Start("task_1"), "started before")
		var out bytes.Buffer
		lines := NewLines(tasks, &out)
		at := time.Now().Format(time.TimeOnly)
		update := func(status xiexus.Task, progress *int) {
			status.TaskID, status.Progress = "task_1", progress
			lines.Update(&status)
		}
		var queued, running xiexus.Task
		queued.Status, running.Status = xiexus.StatusQueued, xiexus.StatusInProgress
		ten := 10
		update(queued, nil)
		update(queued, nil)
		update(running, &ten)
		update(running, nil) // keeps the progress
		lines.Downloading(&xiexus.Task{})
		require.Equal(t, at+"  task_1  queued\n"+at+"  task_1  in_progress 10%\n"+at+"          downloading\n", out.String())
	})
}

func TestLogHandler_PrintsWarningsOnOneLine(t *testing.T) {
	var out bytes.Buffer
	logger := slog.New(NewLogHandler(&out)).With("client", 1).WithGroup("group")
	logger.Info("dropped")
	logger.Warn("request failed", "task_id", "a\x1bb", "error", errors.New("bad\ngateway"), "delay", 1234*time.Millisecond)
	require.Regexp(t, `^\d\d:\d\d:\d\d  a b  request failed in 1.2s: bad gateway\n$`, out.String())
}
