package cli

import (
	"bytes"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

// rawPrinter returns a function that prints the body of the response about a task. Bodies
// of several tasks each end with a line break.
func (a *app) rawPrinter(several bool) func(xiexus.Outcome) error {
	onTerminal := screen.IsTerminal(a.Out)
	return func(outcome xiexus.Outcome) error {
		if outcome.Task == nil {
			return nil
		}
		body := []byte(outcome.Task.Raw)
		if onTerminal {
			body = escapeControls(body)
		}
		if (several || onTerminal) && !bytes.HasSuffix(body, []byte("\n")) {
			body = append(bytes.Clone(body), '\n')
		}
		_, err := a.Out.Write(body)
		return err
	}
}
