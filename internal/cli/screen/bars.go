package screen

import (
	"io"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"github.com/xiexus/xiexus-go"
)

// bars draws a task list at the bottom of the terminal. For mpb it is a single
// bar with many lines: each frame then shows one consistent state of the list,
// and mpb does not need to know which tasks start and end.
type bars struct {
	tasks     *TaskList
	console   *Console
	terminal  *Terminal
	completed *lines

	progress *mpb.Progress
	bar      *mpb.Bar
}

// NewBars returns a display that draws a bar for each running task on the
// terminal. It prints a line to completed for each task that is completed.
func NewBars(tasks *TaskList, console *Console, terminal *Terminal, completed io.Writer) Display {
	b := &bars{tasks: tasks, console: console, terminal: terminal, completed: &lines{tasks: tasks, out: completed}}
	b.progress = mpb.New(mpb.WithOutput(terminal.Out), mpb.WithWidth(terminal.Columns), mpb.WithAutoRefresh())
	b.bar = b.addBar()
	console.setBars(b.progress)
	return b
}

func (b *bars) addBar() *mpb.Bar {
	renderer := renderer{tasks: b.tasks}
	var below []string // the lines below the first, of the same frame
	first := mpb.BarFillerFunc(func(w io.Writer, stat decor.Statistics) error {
		lines := renderer.lines(stat.AvailableWidth, b.terminal.Rows())
		below = lines[1:]
		_, err := io.WriteString(w, lines[0])
		return err
	})
	rest := mpb.BarFillerFunc(func(w io.Writer, _ decor.Statistics) error {
		for _, line := range below {
			if _, err := io.WriteString(w, line+"\n"); err != nil {
				return err
			}
		}
		return nil
	})
	return b.progress.MustAdd(0, first, mpb.BarFillerTrim(), mpb.BarExtender(rest, false))
}

func (b *bars) Update(task *xiexus.Task) { b.tasks.update(task) }

func (b *bars) Downloading(*xiexus.Task) {}

func (b *bars) End(outcome xiexus.Outcome) {
	if outcome.Err == nil {
		b.completed.printTask(outcome.Task)
	}
}

// Close erases the bars.
func (b *bars) Close() {
	_, _ = io.WriteString(b.terminal.Out, "\r") // the echo of ^C may have moved the cursor
	b.bar.Abort(true)
	b.progress.Wait()
	b.console.setBars(nil)
}
