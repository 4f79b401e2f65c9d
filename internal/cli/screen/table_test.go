package screen

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mattn/go-runewidth"
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
		{"saved file", task("", url("https://a.example/v.mp4")), "v.mp4", "v.mp4 (1.5 KiB)"},
		{"unknown status", task("PAUSED\x1b", nil), "", "PAUSED"},
		{"nothing", task("", nil), "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			table := newTable(&out, 5, 0)
			for range 2 {
				complete, err := table.Print(Row{Task: test.task, File: test.file, Bytes: 1536})
				require.NoError(t, err)
				require.True(t, complete)
			}
			lines := strings.Split(out.String(), "\n")
			require.Len(t, lines, 4, "one header")
			require.Equal(t, "ID     STATUS       PROGRESS   TIME  RESULT", lines[0])
			progress := "        "
			if test.task.Done() {
				progress = "    100%"
			}
			require.Equal(t, strings.TrimRight("id     "+pad(string(test.task.Status), 11)+"  "+progress+"         "+test.want, " "), lines[1])
			require.Equal(t, lines[1], lines[2])
		})
	}
}

func pad(s string, width int) string { return s + strings.Repeat(" ", width-len(s)) }

func newTable(out io.Writer, idWidth, columns int) *Table {
	return &Table{Out: out, IDWidth: func() int { return idWidth }, Columns: func() int { return columns }}
}

func TestTable_ShowsHowLongTasksTook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		time.Sleep(2 * time.Hour)
		tests := []struct {
			name string
			row  Row
			want string
		}{
			{"by the relay", Row{Task: &xiexus.Task{SubmittedAt: start, FinishedAt: start.Add(75 * time.Second)}, Elapsed: time.Second}, "1:15"},
			{"so far", Row{Task: &xiexus.Task{SubmittedAt: start}}, "2:00:00"},
			{"by this program", Row{Task: &xiexus.Task{}, Elapsed: 5 * time.Second}, "0:05"},
			{"not known", Row{Task: &xiexus.Task{}}, ""},
			{"in the future, by a clock that is ahead", Row{Task: &xiexus.Task{SubmittedAt: start.Add(3 * time.Hour)}}, ""},
		}
		for _, test := range tests {
			require.Equal(t, test.want, test.row.time(), test.name)
		}
		ended := Row{Task: &xiexus.Task{SubmittedAt: start}}
		ended.Task.Status = xiexus.StatusCompleted
		require.Empty(t, ended.time(), "it is not known when")
	})
}

func TestTable_FitsTerminal(t *testing.T) {
	task := &xiexus.Task{}
	task.TaskID, task.Status = "task_视频_1234", xiexus.StatusCompleted
	task.URL = "https://cdn.example.com/" + strings.Repeat("视频", 100)
	for columns := 20; columns < 120; columns++ {
		var out bytes.Buffer
		complete, err := newTable(&out, runewidth.StringWidth(task.TaskID), columns).Print(Row{Task: task, Elapsed: time.Hour})
		require.NoError(t, err)
		require.False(t, complete)
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		require.Len(t, lines, 2)
		for _, line := range lines {
			require.Less(t, runewidth.StringWidth(line), columns, line)
		}
		require.Equal(t, columns > 56, strings.Contains(lines[0], "PROGRESS   TIME  RESULT"), columns)
	}
	for columns, want := range map[int]string{
		60: "task_视频_1234  completed        100%  1:00:00  https://cd…",
		42: "task_视频_1234  completed    https://cdn…",
		20: "task_视频_1234  co…",
		10: "task_视频_1234",
	} {
		var out bytes.Buffer
		_, err := newTable(&out, runewidth.StringWidth(task.TaskID), columns).Print(Row{Task: task, Elapsed: time.Hour})
		require.NoError(t, err)
		require.Equal(t, want, strings.Split(out.String(), "\n")[1])
	}
}
