package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/history"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

func (a *app) printEntries(entries []history.Entry, options *listOptions) error {
	switch {
	case options.ids:
		return a.printEach(entries, func(entry history.Entry) ([]byte, error) { return []byte(screen.Line(entry.TaskID) + "\n"), nil })
	case a.printsJSON():
		return a.printEach(entries, func(entry history.Entry) ([]byte, error) { return encodeLine(newEntryJSON(entry)) })
	case len(entries) == 0:
		return nil
	}
	const model, prompt = 3, 4
	table := screen.Columns{
		Header:   []string{"ID", "AGE", "STATUS", "MODEL", "PROMPT", "FILE"},
		Flexible: prompt, Widest: map[int]int{model: 24},
	}
	columns := a.terminal.ColumnsOf(a.Out)
	if columns == 0 { // a pipe, where nothing else limits it
		table.Widest[prompt] = 60
	}
	if options.all {
		table.Header = append(table.Header, "RELAY")
	}
	dir, _ := os.Getwd()
	for _, entry := range entries {
		row := []string{entry.TaskID, age(time.Since(entry.SubmittedAt)), statusText(entry.State), entry.Model, entry.Prompt, relativeTo(dir, entry.File)}
		if options.all {
			row = append(row, entry.BaseURL)
		}
		table.Rows = append(table.Rows, row)
	}
	return table.Print(a.Out, columns)
}

func (a *app) printEach(entries []history.Entry, encode func(history.Entry) ([]byte, error)) error {
	for _, entry := range entries {
		line, err := encode(entry)
		if err == nil {
			_, err = a.Out.Write(line)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// entryJSON is an entry of the history in JSON.
type entryJSON struct {
	TaskID      string    `json:"task_id,omitempty"`
	Status      string    `json:"status"`
	EntryID     string    `json:"entry_id"`
	SubmittedAt time.Time `json:"submitted_at"`
	BaseURL     string    `json:"base_url"`
	Model       string    `json:"model"`
	Prompt      string    `json:"prompt"`
	Output      string    `json:"output,omitempty"`
	File        string    `json:"file,omitempty"`
	Error       string    `json:"error,omitempty"`
}

func newEntryJSON(entry history.Entry) entryJSON {
	status := string(entry.State)
	if entry.State.Unknown() {
		status = string(xiexus.StatusUnknown)
	}
	return entryJSON{
		TaskID: entry.TaskID, Status: status, EntryID: entry.Key, SubmittedAt: entry.SubmittedAt, BaseURL: entry.BaseURL,
		Model: entry.Model, Prompt: entry.Prompt, Output: entry.Output, File: entry.File, Error: entry.Error,
	}
}

// statusText returns a state for a table.
func statusText(state history.State) string {
	switch {
	case state.Unknown():
		return "unknown: may have been created"
	case state == history.NotSent:
		return "not sent"
	}
	return string(state)
}

// age returns a duration in its largest unit.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(int(d.Seconds()), 0))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours())/24)
}

// relativeTo returns the path of a file as seen from a directory that it is in.
func relativeTo(dir, file string) string {
	if name, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(name) {
		return name
	}
	return file
}
