package cli

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// The pipe has a byte that is not text, and no end.
func TestProcess_PipesAndDevices(t *testing.T) {
	const notText = "not text in UTF-8"
	tests := []struct {
		name, args, want string
		code             int
	}{
		{"pipe as target", "download film -O pipe", "file already exists; use --force", exitOther},
		{"pipe to replace", "download film -O pipe --force", `"pipe" is not a regular file`, exitUsage},
		{"device to replace", "download film -O /dev/null --force", `"/dev/null" is not a regular file`, exitUsage},
		{"results to a pipe", "create --requests requests.jsonl --results pipe", "pipe: not a regular file", exitUsage},
		{"results to a device", "create --requests requests.jsonl --results /dev/null", "/dev/null: not a regular file", exitUsage},
		{"requests from a pipe", "create --requests pipe", "--requests: " + notText, exitUsage},
		{"request from a pipe", "create --request pipe", "--request: " + notText, exitUsage},
		{"prompt from a pipe", "create -m m -p -", "the prompt on standard input is " + notText, exitUsage},
		{"IDs from a pipe", "get @pipe", notText, exitOther},
		{"image from a pipe", "create -m m -p p --image pipe", "pipe is not an image", exitUsage},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay, _, url := startCDN(t)
			relay.Add("film", xiexustest.Completes(0, url, xiexustest.Stored))
			writeRequests(t, "a")
			require.NoError(t, syscall.Mkfifo("pipe", 0o600))
			pipe, err := os.OpenFile("pipe", os.O_RDWR, 0)
			require.NoError(t, err)
			defer func() { _ = pipe.Close() }()
			_, err = pipe.WriteString("abc\x00")
			require.NoError(t, err)

			p := newProcess(t, strings.Fields(test.args)...)
			p.Stdin = pipe
			got := p.run(t)
			require.Contains(t, got.err, test.want)
			require.Equal(t, test.code, got.code, got.err)
			require.Empty(t, relay.Created())
			info, err := os.Lstat("pipe")
			require.NoError(t, err)
			require.Equal(t, os.ModeNamedPipe, info.Mode().Type())
		})
	}
}
