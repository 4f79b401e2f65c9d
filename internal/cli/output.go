package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

const (
	formatTable = "table"
	formatJSON  = "json"
)

// outputFlags are the global flags that control what is printed.
type outputFlags struct {
	format  string // empty for the default
	quiet   bool
	verbose bool
}

func (f *outputFlags) register(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVarP(&f.format, "output", "o", "", "output format: table or json (default table on a terminal, json elsewhere)")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print only results and errors, no progress")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "log every request to standard error, and the response to a failed one")
	completeValues(root, "output", []string{formatTable, formatJSON})
}

func (f *outputFlags) check() error {
	switch f.format {
	case "", formatTable, formatJSON:
		return nil
	}
	return fmt.Errorf("--output must be table or json, got %q", f.format)
}

// saved is where a task's video is saved; the zero value is nowhere.
type saved struct {
	File  string `json:"file,omitempty"`
	Bytes int64  `json:"bytes,omitempty"`
	// Files are all files, if the task has several videos. The first is File.
	Files []string `json:"files,omitempty"`
}

// ended is the result of a task.
type ended struct {
	task    *xiexus.Task
	video   saved
	elapsed time.Duration // as far as this program knows, or zero
}

// printer prints a task, and where its video is saved.
type printer func(*xiexus.Task, saved) error

// printer returns a printer for the output format. idWidth returns the length of
// the longest ID known so far, for the first column of a table.
func (a *app) printer(out io.Writer, idWidth func() int) printer {
	printEnded := a.endedPrinter(out, idWidth)
	return func(task *xiexus.Task, video saved) error {
		_, err := printEnded(ended{task: task, video: video})
		return err
	}
}

// endedPrinter returns a printer for the output format. It reports whether all that is
// known about the task can be read on the terminal.
func (a *app) endedPrinter(out io.Writer, idWidth func() int) func(ended) (seen bool, err error) {
	if a.printsJSON() {
		return func(e ended) (bool, error) { return false, printJSON(out, e) }
	}
	table := screen.Table{Out: out, IDWidth: idWidth, Columns: func() int { return a.terminal.ColumnsOf(a.Out) }}
	return func(e ended) (bool, error) {
		complete, err := table.Print(screen.Row{Task: e.task, File: e.video.File, Bytes: e.video.Bytes, Others: len(e.video.Files) - 1, Elapsed: e.elapsed})
		return complete && a.terminal.Shows(a.Out), err
	}
}

// taskJSON is a task in JSON. Every task has an error, which is null unless it failed.
type taskJSON struct {
	*xiexus.Task
	saved
	Error any `json:"error"`
}

func newTaskJSON(task *xiexus.Task, video saved) taskJSON {
	return taskJSON{Task: task, saved: video, Error: task.Error}
}

func printJSON(out io.Writer, e ended) error {
	line, err := encodeLine(newTaskJSON(e.task, e.video))
	if err == nil {
		_, err = out.Write(line)
	}
	return err
}

// encodeLine returns a value in JSON, as one line that is safe to print on a terminal.
func encodeLine(value any) ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false) // keeps the & in URLs readable
	err := encoder.Encode(value)
	return safetext.JSON(line.Bytes()), err
}

// printsJSON reports whether results are printed in JSON, as they are by default unless
// standard output is a terminal.
func (a *app) printsJSON() bool {
	return a.wantsJSON() || a.output.format == "" && !screen.IsTerminal(a.Out)
}

// wantsJSON reports whether --output json was given. It is for commands that print
// text to a pipe by default.
func (a *app) wantsJSON() bool { return a.output.format == formatJSON }

// checkedWriter remembers the first error of writing to out. Cobra ignores it when it prints
// a help text.
type checkedWriter struct {
	out io.Writer
	err error
}

func (w *checkedWriter) Write(p []byte) (int, error) {
	n, err := w.out.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}
