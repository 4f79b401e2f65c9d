package screen

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// brokenWriter is a terminal that has been closed.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("input/output error") }

func TestConsole_WritesAboveBarsWhileThereAreAny(t *testing.T) {
	var console Console
	var out, bars bytes.Buffer
	writer := console.Writer(&out)
	write := func(line string) {
		_, err := writer.Write([]byte(line))
		require.NoError(t, err)
	}
	write("before\n")
	console.setBars(&bars)
	write("above\n")
	console.setBars(brokenWriter{})
	write("broken\n")
	console.setBars(nil)
	write("after\n")
	require.Equal(t, "above\n", bars.String())
	require.Equal(t, "before\nbroken\nafter\n", out.String())
}
