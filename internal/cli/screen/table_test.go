package screen

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

func TestTable_PrintsResultOfEachTask(t *testing.T) {
	task := func(status string, change func(*xiexus.Task)) *xiexus.Task {
		task := &xiexus.Task{}
		task.TaskID, task.Status = "id", xiexus.StatusCompleted
		if status != "" {
			task.Status, task.RelayStatus = xiexus.StatusUnknown, status
		}
		if change != nil {
			change(task)
		}
		return task
	}
	url := func(url string) func(*xiexus.Task) { return func(task *xiexus.Task) { task.URL = url } }
	tests := []struct {
		name string
		task *xiexus.Task
		file string
		want string
	}{
		{"url", task("", url("https://a.example/v\x1b.mp4")), "", "https://a.example/v .mp4"},
		{"data url", task("", url("DATA:video/mp4;base64,AAAA")), "", "data URL of 26 bytes"},
		{"saved file", task("", url("https://a.example/v.mp4")), "v.mp4", "v.mp4"},
		{"unknown status", task("PAUSED\x1b", nil), "", "PAUSED"},
		{"nothing", task("", nil), "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			table := NewTable(&out, func() int { return 5 })
			require.NoError(t, table.Print(test.task, test.file))
			require.NoError(t, table.Print(test.task, test.file))
			lines := strings.Split(out.String(), "\n")
			require.Len(t, lines, 4, "one header")
			require.Equal(t, "ID     STATUS       PROGRESS  RESULT", lines[0])
			require.Equal(t, strings.TrimRight("id     "+pad(string(test.task.Status), 11)+"            "+test.want, " "), lines[1])
			require.Equal(t, lines[1], lines[2])
		})
	}
}

func pad(s string, width int) string { return s + strings.Repeat(" ", width-len(s)) }
