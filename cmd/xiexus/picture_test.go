package main

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
)

// rosterOf returns a roster of so many tasks that are half done.
func rosterOf(n int) *roster {
	r := newRoster()
	for i := range n {
		id, half := fmt.Sprintf("task_%d_视频\x1b", i), 50
		r.add(id)
		r.seen(&xiexus.Task{VideoTask: gen.VideoTask{TaskID: id, Status: xiexus.StatusInProgress}, Progress: &half})
	}
	return r
}

func TestPictureFitsTheScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 3, 200} {
			tasks := rosterOf(n)
			time.Sleep(11 * time.Hour)
			for columns := range 100 {
				for _, rows := range []int{0, 1, 2, 3, 4, 5, 6, 24} {
					requireFits(t, tasks, columns, rows)
				}
			}
		}
	})
}

func requireFits(t *testing.T, tasks *roster, columns, rows int) {
	picture := picture{tasks: tasks}
	lines := picture.lines(columns, rows)
	require.NotEmpty(t, lines)
	require.LessOrEqual(t, len(lines), max(1, rows-2))
	for _, line := range lines {
		require.Less(t, runewidth.StringWidth(line), max(2, columns), "%q", line)
		require.NotContains(t, line, "\x1b")
	}
}

func TestPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tasks := rosterOf(2)
		time.Sleep(time.Hour + 2*time.Minute + 3*time.Second)
		tasks.add("task_2")
		p := picture{tasks: tasks}
		require.Equal(t, []string{
			"task_0_视频  in_progress   50%  1:02:03  [==========>----------]",
			"task_1_视频  in_progress   50%  1:02:03  [==========>----------]",
			"task_2                             0:00",
		}, p.lines(65, 24))
		require.Equal(t, []string{
			"task_0_视频  in_progress   50%  1:02:03",
			"task_1_视频  in_progress   50%  1:02:03",
			"task_2                             0:00",
		}, p.lines(40, 24))
		require.False(t, p.crowded)
		require.Equal(t, []string{"0 of 3 ended  1:02:03  [---------------]"}, p.lines(41, 5))
		tasks.end("task_2", xiexus.ErrTaskNotFound)
		require.Equal(t, []string{"1 of 3 ended, 1 failed  1:02:03"}, p.lines(35, 5), "not to and fro")
		require.Len(t, p.lines(35, 7), 3, "each of them and the total")
	})
}

func TestPictureOfADownload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tasks := newRoster()
		tasks.add("task_0")
		tasks.received("task_0", 10<<20, 40<<20) // what an earlier download has left
		time.Sleep(5 * time.Second)
		tasks.received("task_0", 20<<20, 40<<20)
		p := picture{tasks: tasks}
		for columns, want := range map[int]string{
			90: "task_0  downloading   50%  0:05  20.0 MiB of 40.0 MiB  2.0 MiB/s  0:10 left  [====>-----]",
			80: "task_0  downloading   50%  0:05  20.0 MiB of 40.0 MiB  2.0 MiB/s  0:10 left",
			70: "task_0  downloading   50%  0:05  20.0 MiB of 40.0 MiB  2.0 MiB/s",
			40: "task_0  downloading   50%  0:05  [=>--]",
			36: "task_0  downloading   50%  0:05",
		} {
			require.Equal(t, []string{want}, p.lines(columns, 24))
		}
	})
}
