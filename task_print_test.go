package xiexus_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

const signedURL = "https://user:pass@cdn.example.com/v.mp4?signature=s3cret#f"

func TestTask_PrintsAsOneLine(t *testing.T) {
	half := 50
	task := func(status xiexus.VideoTaskStatus, url string, progress *int, reason string) *xiexus.Task {
		task := &xiexus.Task{Progress: progress, Raw: []byte(`{"raw":"body"}`)}
		task.TaskID, task.Status, task.URL = "task_1\x1b[2J", status, url
		if reason != "" {
			task.Error = &xiexus.VideoTaskError{Message: reason}
		}
		return task
	}
	tests := []struct {
		name string
		task *xiexus.Task
		text string
		log  string
	}{
		{"queued", task(xiexus.StatusQueued, "", nil, ""), "task_1 [2J (queued)", "task.status=queued"},
		{"running", task(xiexus.StatusInProgress, "", &half, ""), "task_1 [2J (in_progress, 50%)", "task.status=in_progress task.progress=50"},
		{"signed URL", task(xiexus.StatusCompleted, signedURL, nil, ""), "task_1 [2J (completed)", "task.status=completed task.url=https://cdn.example.com/v.mp4"},
		{"data URL", task(xiexus.StatusCompleted, "data:video/mp4;base64,AAAA", nil, ""), "task_1 [2J (completed)", "task.status=completed"},
		{"no URL at all", task(xiexus.StatusCompleted, "::\x00", nil, ""), "task_1 [2J (completed)", "task.status=completed"},
		{"failed", task(xiexus.StatusFailed, "", &half, "un\x1b[31msafe\n"), "task_1 [2J (failed: un [31msafe)", `task.status=failed task.progress=50 task.error="un [31msafe"`},
		{"failed without a reason", task(xiexus.StatusFailed, "", nil, ""), "task_1 [2J (failed)", "task.status=failed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.text, fmt.Sprint(test.task))
			require.Equal(t, test.text, fmt.Sprintf("%+v", *test.task))
			var out bytes.Buffer
			slog.New(slog.NewTextHandler(&out, nil)).Info("x", "task", test.task)
			require.Contains(t, out.String(), `task.task_id="task_1\x1b[2J" `+test.log+"\n")
			out.Reset()
			slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "task", *test.task)
			for _, secret := range []string{"raw", "body", "s3cret", "pass", "AAAA", "0001-01-01"} {
				require.NotContains(t, out.String(), secret)
			}
		})
	}
	require.Equal(t, "<nil>", fmt.Sprint((*xiexus.Task)(nil)))
}

func TestTask_OfARelayPrintsWithoutItsResponse(t *testing.T) {
	for _, dialect := range xiexustest.AllDialects() {
		relay := newRelay(t)
		relay.Add("one", xiexustest.Completes(0, signedURL, dialect))
		task, err := newClient(t, relay).Get(t.Context(), "one")
		require.NoError(t, err)
		require.NotEmpty(t, task.Raw)
		require.Equal(t, "one (completed)", task.String())
		require.NotContains(t, fmt.Sprint(task.LogValue()), "s3cret")
		require.NotContains(t, fmt.Sprint(task), time.Time{}.String())
	}
}
