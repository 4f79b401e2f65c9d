package main

import (
	"io"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"github.com/xiexus/xiexus-go"
)

// bars draws a roster at the foot of the terminal until it is closed. To mpb it
// is one bar of many lines, so that what is drawn is always one state of the
// roster, and nothing has to be told to mpb when tasks come and go.
type bars struct {
	statusLines
	progress *mpb.Progress
	bar      *mpb.Bar
}

func newBars(lines statusLines) *bars {
	terminal := lines.app.terminal
	b := &bars{statusLines: lines}
	b.progress = mpb.New(mpb.WithOutput(terminal.out), mpb.WithWidth(terminal.columns), mpb.WithAutoRefresh())

	picture := picture{tasks: lines.tasks}
	var below []string // the lines that extend the first
	first := mpb.BarFillerFunc(func(w io.Writer, stat decor.Statistics) error {
		drawn := picture.lines(stat.AvailableWidth, terminal.rows())
		below = drawn[1:]
		_, err := io.WriteString(w, drawn[0])
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
	b.bar = b.progress.MustAdd(0, first, mpb.BarFillerTrim(), mpb.BarExtender(rest, false))
	lines.app.console.above(b.progress)
	return b
}

func (b *bars) seen(task *xiexus.Task) { b.tasks.seen(task) }

func (b *bars) saving(task *xiexus.Task) {}

// ended tells of a task whose bar goes and whose result goes elsewhere.
func (b *bars) ended(outcome xiexus.Outcome) {
	if outcome.Err == nil && !b.app.terminal.shows(b.app.out) {
		b.tell(outcome.Task)
	}
}

// close wipes the bars off.
func (b *bars) close() {
	_, _ = io.WriteString(b.app.terminal.out, "\r") // a ^C may have moved the cursor to the right
	b.bar.Abort(true)
	b.progress.Wait()
	b.app.console.above(nil)
}
