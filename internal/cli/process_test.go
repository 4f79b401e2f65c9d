package cli

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// process is a command line in a process of its own.
type process struct {
	*exec.Cmd
	out, err bytes.Buffer
}

// newProcess returns a process that has not been started. It uses the environment of the
// test, and ends with it.
func newProcess(t *testing.T, args ...string) *process {
	self, err := os.Executable()
	require.NoError(t, err)
	p := &process{Cmd: exec.CommandContext(t.Context(), self, args...)}
	p.Env = append(os.Environ(), asCommand+"=1")
	p.Stdout, p.Stderr = &p.out, &p.err
	return p
}

// run runs the process.
func (p *process) run(t *testing.T) result {
	require.NoError(t, p.Start())
	return p.end(t)
}

// end waits until the process has ended.
func (p *process) end(t *testing.T) result {
	if err := p.Wait(); err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	return result{p.ProcessState.ExitCode(), p.out.String(), p.err.String()}
}

// runProcess runs a command line in a process of its own, with additional environment
// variables.
func runProcess(t *testing.T, env []string, args ...string) result {
	p := newProcess(t, args...)
	p.Env = append(p.Env, env...)
	return p.run(t)
}
