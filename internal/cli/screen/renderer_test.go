package screen

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// halfDone returns a list of n tasks that are half done.
func halfDone(n int) *TaskList {
	tasks := NewTaskList()
	for i := range n {
		half := 50
		task := &xiexus.Task{Progress: &half}
		task.TaskID, task.Status = fmt.Sprintf("task_%d_视频\x1b", i), xiexus.StatusInProgress
		tasks.Start(task.TaskID)
		tasks.update(task)
	}
	return tasks
}

func TestRenderer_FitsTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 3, 200} {
			tasks := halfDone(n)
			time.Sleep(11 * time.Hour)
			for columns := range 100 {
				for _, rows := range []int{0, 1, 2, 3, 4, 5, 6, 24} {
					requireFits(t, tasks, columns, rows)
				}
			}
		}
	})
}

func requireFits(t *testing.T, tasks *TaskList, columns, rows int) {
	renderer := renderer{tasks: tasks}
	lines := renderer.lines(columns, rows)
	require.NotEmpty(t, lines)
	require.LessOrEqual(t, len(lines), max(1, rows-2))
	for _, line := range lines {
		require.Less(t, runewidth.StringWidth(line), max(2, columns), "%q", line)
		require.NotContains(t, line, "\x1b")
	}
}

func TestRenderer_ShowsDownloadsOver4GiB(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tasks := NewTaskList()
		tasks.Start("film")
		tasks.Downloaded("film", 1<<32, 9<<30)
		time.Sleep(time.Second)
		tasks.Downloaded("film", 5<<30, 9<<30)
		r := renderer{tasks: tasks}
		require.Equal(t, "film  downloading   55%  0:01  5.0 GiB of 9.0 GiB  1.0 GiB/s  0:04 left  [============>-----------]", r.lines(100, 24)[0])
	})
}

func TestRenderer_ShowsRunningTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tasks := halfDone(2)
		time.Sleep(time.Hour + 2*time.Minute + 3*time.Second)
		tasks.Start("task_2")
		r := renderer{tasks: tasks}
		require.Equal(t, []string{
			"task_0_视频  in_progress   50%  1:02:03  [==========>----------]",
			"task_1_视频  in_progress   50%  1:02:03  [==========>----------]",
			"task_2                             0:00",
		}, r.lines(65, 24))
		require.Equal(t, []string{
			"task_0_视频  in_progress   50%  1:02:03",
			"task_1_视频  in_progress   50%  1:02:03",
			"task_2                             0:00",
		}, r.lines(40, 24))
		require.False(t, r.crowded)
		require.Equal(t, []string{"0 of 3 ended  1:02:03  [---------------]"}, r.lines(41, 5))
		tasks.End("task_2", xiexus.ErrTaskNotFound)
		require.Equal(t, []string{"1 of 3 ended, 1 failed  1:02:03"}, r.lines(35, 5), "does not flip between the two forms")
		require.Len(t, r.lines(35, 7), 3, "each task and the total")
	})
}

func TestRenderer_ShowsDownload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tasks := NewTaskList()
		tasks.Start("task_0")
		tasks.Downloaded("task_0", 10<<20, 40<<20) // received by an earlier download
		time.Sleep(5 * time.Second)
		tasks.Downloaded("task_0", 20<<20, 40<<20)
		r := renderer{tasks: tasks}
		for columns, want := range map[int]string{
			90: "task_0  downloading   50%  0:05  20 MiB of 40 MiB  2.0 MiB/s  0:10 left  [======>-------]",
			76: "task_0  downloading   50%  0:05  20 MiB of 40 MiB  2.0 MiB/s  0:10 left",
			66: "task_0  downloading   50%  0:05  20 MiB of 40 MiB  2.0 MiB/s",
			40: "task_0  downloading   50%  0:05  [=>--]",
			36: "task_0  downloading   50%  0:05",
		} {
			require.Equal(t, []string{want}, r.lines(columns, 24))
		}
	})
}

func TestRenderer_ShowsDownloadOfUnknownSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tasks := NewTaskList()
		tasks.Start("task_0")
		tasks.Downloaded("task_0", 2000, -1)
		r := renderer{tasks: tasks}
		require.Equal(t, []string{"task_0  downloading        0:00  2.0 KiB"}, r.lines(80, 24))
		tasks.Downloaded("task_0", 0, -1) // started over
		time.Sleep(2 * time.Second)
		tasks.Downloaded("task_0", 1<<20, -1)
		require.Equal(t, []string{"task_0  downloading        0:02  1.0 MiB  512 KiB/s"}, r.lines(80, 24))
	})
}

func TestRenderer_TotalCountsAndEstimates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tasks := NewTaskList()
		ids := []string{"a", "b", "c", "d", "e", "f"}
		for _, id := range ids {
			tasks.Start(id)
		}
		r := renderer{tasks: tasks}
		require.Equal(t, "0 of 6 ended, 0 running, 6 queued  0:00", r.total(44))
		update := func(id string, status xiexus.VideoTaskStatus) {
			task := &xiexus.Task{}
			task.TaskID, task.Status = id, status
			tasks.update(task)
		}
		for _, id := range ids[:5] {
			update(id, xiexus.StatusQueued)
		}
		for _, id := range ids[1:5] {
			update(id, xiexus.StatusInProgress)
		}
		tasks.Downloaded("b", 1, -1)
		time.Sleep(time.Minute)
		tasks.End("c", xiexus.ErrTaskNotFound)
		require.Equal(t, "1 of 6 ended, 1 failed, 3 running, 2 queued  1:00", r.total(54), "an error says nothing about the time left")
		tasks.End("d", nil)
		for columns, want := range map[int]string{
			90: "2 of 6 ended, 1 failed, 2 running, 2 queued  1:00  about 4:00 left  [======>-------------]",
			66: "2 of 6 ended, 1 failed, 2 running, 2 queued  1:00  about 4:00 left",
			60: "2 of 6 ended, 1 failed, 2 running, 2 queued  1:00  [=>-----]",
			49: "2 of 6 ended, 1 failed, 2 running, 2 queued  1:00",
			45: "2 of 6 ended, 1 failed  1:00  about 4:00 left",
			20: "2 of 6 ended, 1 fai…",
		} {
			require.Equal(t, want, r.total(columns), columns)
		}
		for _, id := range []string{"a", "b", "e", "f"} {
			tasks.End(id, nil)
		}
		require.Equal(t, "6 of 6 ended, 1 failed  1:00", r.total(30))
	})
}
