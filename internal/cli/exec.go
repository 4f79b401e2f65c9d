package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

// exec runs the command of --exec.
func (h *hooks) exec(ctx context.Context, input []byte) error {
	shell, flag := "/bin/sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/C"
	}
	cmd := exec.CommandContext(ctx, shell, flag, h.options.command)
	ownGroup(cmd)
	cmd.Env = h.app.environmentWithoutKey(os.Environ())
	cmd.Stdin = bytes.NewReader(input)
	output := &outputLines{out: h.app.Err}
	cmd.Stdout, cmd.Stderr = output, output
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	output.flush()
	if errors.Is(err, exec.ErrWaitDelay) { // it succeeded, and left something running
		return nil
	}
	return err
}

// environmentWithoutKey returns the variables that do not contain the API key.
func (a *app) environmentWithoutKey(environment []string) []string {
	var kept []string
	for _, variable := range environment {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.EqualFold(name, xiexus.EnvAPIKey) && !a.secret.In([]byte(variable)) {
			kept = append(kept, variable)
		}
	}
	return kept
}

// outputLines writes complete lines, each with one call and safe to print on a terminal:
// other output, and bars, may come in between. It is not safe for concurrent use.
type outputLines struct {
	out  io.Writer
	rest []byte // the beginning of a line
}

// longestOutputLine is how many bytes of a line are kept.
const longestOutputLine = 16 << 10

func (w *outputLines) Write(p []byte) (int, error) {
	n := len(p)
	for {
		line, rest, complete := bytes.Cut(p, []byte("\n"))
		room := max(longestOutputLine-len(w.rest), 0)
		w.rest = append(w.rest, line[:min(len(line), room)]...)
		if !complete {
			return n, nil
		}
		w.print()
		p = rest
	}
}

func (w *outputLines) print() {
	_, _ = io.WriteString(w.out, screen.Line(string(w.rest))+"\n")
	w.rest = w.rest[:0]
}

// flush writes a last line that has no end.
func (w *outputLines) flush() {
	if len(w.rest) > 0 {
		w.print()
	}
}
