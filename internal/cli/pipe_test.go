package cli

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBatch_ClosedPipeLosesNoTask(t *testing.T) {
	startRelay(t)
	var requests strings.Builder
	for n := range 100 {
		requests.WriteString(`{"model":"m","prompt":"` + strconv.Itoa(n) + `"}` + "\n")
	}
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("r.jsonl", []byte(requests.String()), 0o600))

	code, errs := runWithClosedPipe(t, "create", "--requests", "r.jsonl", "--concurrency", "4")
	require.Equal(t, exitOther, code, errs)
	require.Contains(t, errs, "of 100 requests were not submitted; to submit them, run the same command again\n")
	results, err := openResults("r.jsonl.results")
	require.NoError(t, err)
	defer func() { _ = results.Close() }()
	require.NotEmpty(t, results.records)
	for _, record := range results.records {
		require.Equal(t, stateCreated, record.State)
	}
}

func TestCreate_ClosedPipeIsReported(t *testing.T) {
	startRelay(t)
	code, errs := runWithClosedPipe(t, "create", "-q", "-m", "m", "-p", "p")
	require.Equal(t, exitOther, code, errs)
	require.Contains(t, errs, "xiexus: created task_")
	require.Contains(t, errs, ", but could not print it: ")
}

// runWithClosedPipe runs a command line in a process of its own, whose standard output
// nobody reads.
func runWithClosedPipe(t *testing.T, args ...string) (code int, errs string) {
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	defer func() { _ = writer.Close() }()
	p := newProcess(t, args...)
	p.Stdout = writer
	got := p.run(t)
	return got.code, got.err
}
