package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

const (
	formatTable = "table"
	formatJSON  = "json"
)

// defaultFormat is what a person or a program wants to read.
func defaultFormat(out io.Writer) string {
	if isTerminal(out) {
		return formatTable
	}
	return formatJSON
}

// saved is a video that has been brought home.
type saved struct {
	File  string `json:"file,omitempty"`
	Bytes int64  `json:"bytes,omitempty"`
}

// printer prints tasks, and where their videos are now; the zero saved is nowhere.
type printer func(*xiexus.Task, saved) error

// printer returns the printer that --output asks for. widest is asked for the
// length of the longest id known by then, which the first column is made for.
func (a *app) printer(out io.Writer, widest func() int) printer {
	if a.output == formatJSON {
		return jsonPrinter(out)
	}
	return tablePrinter(out, widest)
}

// taskJSON is a task in JSON: error is there for every task, null unless it failed.
type taskJSON struct {
	*xiexus.Task
	saved
	Error *gen.VideoTaskError `json:"error"`
}

func jsonPrinter(out io.Writer) printer {
	return func(task *xiexus.Task, saved saved) error {
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false) // addresses are full of &
		if err := encoder.Encode(taskJSON{Task: task, saved: saved, Error: task.Error}); err != nil {
			return err
		}
		_, err := out.Write(escapeUnseen(line.Bytes()))
		return err
	}
}

// escapeUnseen writes the control and format characters that JSON may hold as
// they are in its own escapes: a terminal would obey them.
func escapeUnseen(encoded []byte) []byte {
	escaped := make([]byte, 0, len(encoded))
	for _, r := range string(encoded) {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			for _, unit := range utf16.AppendRune(nil, r) {
				escaped = fmt.Appendf(escaped, "\\u%04x", unit)
			}
			continue
		}
		escaped = utf8.AppendRune(escaped, r)
	}
	return escaped
}

func tablePrinter(out io.Writer, widest func() int) printer {
	line := func(id, status, progress, result string) error {
		text := fmt.Sprintf("%-*s  %-11s  %8s  %s", max(len("ID"), widest()), id, status, progress, result)
		_, err := fmt.Fprintln(out, strings.TrimRight(text, " "))
		return err
	}
	headed := false
	return func(task *xiexus.Task, saved saved) error {
		if !headed {
			headed = true
			if err := line("ID", "STATUS", "PROGRESS", "RESULT"); err != nil {
				return err
			}
		}
		return line(oneLine(task.TaskID), string(task.Status), progress(task), cmp.Or(oneLine(saved.File), result(task)))
	}
}

func progress(task *xiexus.Task) string { return percent(task.Progress) }

// percent is empty where it is not known.
func percent(p *int) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%d%%", *p)
}

// widest is the length of the longest id, as it is shown.
func widest(ids []string) int {
	width := 0
	for _, id := range ids {
		width = max(width, shownLength(id))
	}
	return width
}

func shownLength(id string) int { return utf8.RuneCountInString(oneLine(id)) }

// result is where the video is, or why there is none.
func result(task *xiexus.Task) string {
	switch {
	case isInline(task):
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

// isInline reports a task whose address is its video.
func isInline(task *xiexus.Task) bool {
	const scheme = "data:"
	return len(task.URL) >= len(scheme) && strings.EqualFold(task.URL[:len(scheme)], scheme)
}

// oneLine makes foreign text fit for the terminal.
func oneLine(s string) string { return safetext.Line(s, 2000) }
