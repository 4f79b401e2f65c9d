package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// The relay does not respond to the create request before the command has ended.
func TestProcess_CreateIsEndedBySignals(t *testing.T) {
	const interrupted, killed = exitInterrupted, -1
	single, requests := "create -m m -p a", "create --requests requests.jsonl"
	tests := []struct {
		name, args string
		signals    []syscall.Signal
		code       int
	}{
		{"interrupted", single, []syscall.Signal{syscall.SIGINT}, interrupted},
		{"terminated", single, []syscall.Signal{syscall.SIGTERM}, interrupted},
		{"without its terminal", single, []syscall.Signal{syscall.SIGHUP}, killed},
		{"killed", single, []syscall.Signal{syscall.SIGKILL}, killed},
		{"requests, interrupted twice", requests, []syscall.Signal{syscall.SIGINT, syscall.SIGINT}, killed},
		{"requests, terminated twice", requests, []syscall.Signal{syscall.SIGTERM, syscall.SIGTERM}, killed},
		{"requests, without their terminal", requests, []syscall.Signal{syscall.SIGHUP}, killed},
		{"requests, killed", requests, []syscall.Signal{syscall.SIGKILL}, killed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var posts atomic.Int32
			received := make(chan struct{}, 9)
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
				_, _ = io.Copy(io.Discard, req.Body)
				posts.Add(1)
				received <- struct{}{}
				<-req.Context().Done()
			}))
			defer server.Close()
			t.Setenv(xiexus.EnvAPIKey, testKey)
			t.Setenv(xiexus.EnvBaseURL, server.URL)
			keepHistory(t)
			writeRequests(t, "a")

			p := newProcess(t, strings.Fields(test.args)...)
			waiting := make(chan struct{}, 9)
			errs := &triggerWriter{text: "interrupt again", trigger: func() { waiting <- struct{}{} }}
			p.Stderr = struct{ io.Writer }{errs}
			require.NoError(t, p.Start())
			<-received
			for i, signal := range test.signals {
				if i > 0 {
					<-waiting
				}
				require.NoError(t, p.Process.Signal(signal))
			}
			require.Equal(t, test.code, p.end(t).code, errs.String())
			if test.code == interrupted {
				require.Contains(t, errs.String(), "the task may have been created and charged")
			}
			require.Equal(t, "unknown", listTasks(t)[0]["status"])
			if test.args == requests {
				got := createRequests(t)
				require.Equal(t, exitOther, got.code)
				require.Contains(t, got.err, "line 1: not submitted again: an earlier run at ")
				require.Equal(t, "uncertain", states(t))
			}
			require.EqualValues(t, 1, posts.Load())
		})
	}
}

// Whatever cannot be printed, the ID of each task is somewhere.
func TestProcess_NobodyReadsTheOutput(t *testing.T) {
	for _, args := range []string{
		"create -m m -p a", "create -m m -p a --wait", "create --requests requests.jsonl", "create --requests requests.jsonl --wait",
	} {
		for closed, files := range map[string][2]bool{"stdout": {true, false}, "stderr": {false, true}, "both": {true, true}} {
			for _, history := range []bool{true, false} {
				if !history && files[1] && !strings.Contains(args, "--requests") {
					continue // the user has closed what reports it
				}
				t.Run(fmt.Sprintf("%s, closed: %s, history: %v", args, closed, history), func(t *testing.T) {
					relay := startRelay(t)
					prompts := recordPrompts(relay)
					writeRequests(t, "a", "b", "c")
					dir := keepHistory(t)
					p := newProcess(t, strings.Fields(args)...)
					if !history {
						p.Args = append(p.Args, "--no-history")
					}
					if strings.Contains(args, "--wait") {
						p.Args = append(p.Args, "--max-wait", "1ms")
					}
					if files[0] {
						p.Stdout = closedPipe(t)
					}
					if files[1] {
						p.Stderr = closedPipe(t)
					}
					got := p.run(t)
					kept, _ := os.ReadFile("requests.jsonl.results")
					found := got.out + got.err + string(kept) + contents(t, dir)
					require.NotEmpty(t, relay.Created())
					for _, id := range relay.Created() {
						require.Contains(t, found, id)
					}
					if strings.Contains(args, "--requests") {
						createRequests(t, "--no-history")
						require.Equal(t, []string{"a", "b", "c"}, prompts())
					} else {
						require.Len(t, relay.Created(), 1)
					}
				})
			}
		}
	}
}

// closedPipe returns a pipe that nobody reads.
func closedPipe(t *testing.T) *os.File {
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	t.Cleanup(func() { _ = writer.Close() })
	return writer
}

// contents returns what the files in a directory contain.
func contents(t *testing.T, dir string) string {
	entries, _ := os.ReadDir(dir)
	var all strings.Builder
	for _, entry := range entries {
		content, err := os.ReadFile(dir + "/" + entry.Name())
		require.NoError(t, err)
		all.Write(content)
	}
	return all.String()
}
