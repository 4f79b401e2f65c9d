package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

// rawPrinter returns a function that prints the body of the response about a task. Bodies
// of several tasks each end with a line break.
func (a *app) rawPrinter(several bool) func(xiexus.Outcome) error {
	onTerminal := screen.IsTerminal(a.Out)
	return func(outcome xiexus.Outcome) error {
		body := []byte(responseBody(outcome.Err))
		if outcome.Task != nil {
			body = outcome.Task.Raw
		}
		if len(body) == 0 {
			return nil
		}
		if onTerminal {
			body = safetext.JSON(body)
		}
		if (several || onTerminal) && !bytes.HasSuffix(body, []byte("\n")) {
			body = append(bytes.Clone(body), '\n')
		}
		_, err := a.Out.Write(body)
		return err
	}
}

// responseBody returns the beginning of the response that an error is about, or an empty
// string. The one error that counts others has none: they have been printed.
func responseBody(err error) string {
	var summary summaryError
	var wait *xiexus.WaitError
	var response *xiexus.APIError
	switch {
	case errors.As(err, &summary):
		return ""
	case errors.As(err, &response):
		return response.Body
	case errors.As(err, &wait) && errors.As(wait.Last, &response):
		return response.Body
	}
	return ""
}

// printBody prints the body of a response to standard error.
func (a *app) printBody(body string) {
	_, _ = fmt.Fprintln(a.Err, "the response:")
	lines := &outputLines{out: a.Err}
	_, _ = io.WriteString(lines, body)
	lines.flush()
}
