package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/safetext"
	"golang.org/x/term"
)

const (
	formatTable = "table"
	formatJSON  = "json"
)

// defaultFormat is what a person or a program wants to read.
func defaultFormat(out io.Writer) string {
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return formatTable
	}
	return formatJSON
}

// printer writes tasks to standard output.
type printer func(*xiexus.Task) error

// printer returns the printer that --output asks for. ids are those known
// beforehand, which the first column is made wide enough for.
func (a *app) printer(ids []string) printer {
	if a.output == formatJSON {
		return jsonPrinter(a.out)
	}
	return tablePrinter(a.out, ids)
}

// taskJSON is a task in JSON: error is there for every task, null unless it failed.
type taskJSON struct {
	*xiexus.Task
	Error *gen.VideoTaskError `json:"error"`
}

func jsonPrinter(out io.Writer) printer {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false) // addresses are full of &
	return func(task *xiexus.Task) error {
		return encoder.Encode(taskJSON{Task: task, Error: task.Error})
	}
}

func tablePrinter(out io.Writer, ids []string) printer {
	width := len("ID")
	for _, id := range ids {
		width = max(width, len([]rune(oneLine(id))))
	}
	line := func(id, status, progress, result string) error {
		text := fmt.Sprintf("%-*s  %-11s  %8s  %s", width, id, status, progress, result)
		_, err := fmt.Fprintln(out, strings.TrimRight(text, " "))
		return err
	}
	headed := false
	return func(task *xiexus.Task) error {
		if !headed {
			headed = true
			if err := line("ID", "STATUS", "PROGRESS", "RESULT"); err != nil {
				return err
			}
		}
		return line(oneLine(task.TaskID), string(task.Status), progress(task), result(task))
	}
}

func progress(task *xiexus.Task) string {
	if task.Progress == nil {
		return ""
	}
	return fmt.Sprintf("%d%%", *task.Progress)
}

// result is where the video is, or why there is none.
func result(task *xiexus.Task) string {
	switch {
	case strings.HasPrefix(strings.ToLower(task.URL), "data:"):
		return fmt.Sprintf("data URL of %d bytes", len(task.URL))
	case task.URL != "":
		return oneLine(task.URL)
	case task.Error != nil:
		return oneLine(task.Error.Message)
	case task.Status == xiexus.StatusUnknown:
		return oneLine(task.RelayStatus)
	}
	return ""
}

// oneLine makes foreign text fit for the terminal.
func oneLine(s string) string { return safetext.Line(s, 2000) }
