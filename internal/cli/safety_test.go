package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/safetext"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestErrors_DoNotShowMisplacedKey(t *testing.T) {
	relay := startRelay(t)
	for _, line := range []string{
		testKey, "get " + testKey, "wait " + testKey, "get x --api-key-file " + testKey, "get x -o " + testKey,
		"get x --base-url " + testKey, "get x --base-url https://" + testKey, "get x --timeout " + testKey, "wait @" + testKey,
	} {
		t.Run(strings.ReplaceAll(line, testKey, "KEY"), func(t *testing.T) {
			got := runCommand(t.Context(), "", strings.Fields(line)...)
			require.Equal(t, exitUsage, got.code, got.err)
			require.NotEmpty(t, got.err)
			require.NotContains(t, got.out+got.err, testKey[3:])
		})
	}
	require.Empty(t, relay.Requests())
}

func TestJSON_EscapesControlCharacters(t *testing.T) {
	require.Equal(t, "{\"a\":\"视频 \\u009b31m\\u202e\\u007f\\udb40\\udc01\"}\n",
		string(safetext.JSON([]byte("{\"a\":\"视频 \u009b31m\u202e\u007f\U000e0001\"}\n"))))
}

// What relays, commands and webhooks return reaches standard output and standard error, of
// which a terminal must not take anything for a command.
func TestOutput_HasNoControlCharacters(t *testing.T) {
	needsShell(t)
	const hostile = "\x1b]52;c;aGk=\x07\u009b31m\u202e"
	startRelay(t).Add("failed", xiexustest.Fails(0, hostile, xiexustest.Stored))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, req.Body)
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 500 "+hostile+"\r\nContent-Length: 0\r\n\r\n")
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = listener.Close() })
	for _, args := range [][]string{
		{"get", "failed", "-o", "json"},
		{"get", "failed", "-o", "table"},
		{"wait", "failed", "-o", "json"},
		{"wait", "failed", "--exec", "cat; printf '" + hostile + "'"},
		{"wait", "failed", "--webhook", "http://" + listener.Addr().String()},
	} {
		t.Run(strings.Join(args[:3], " "), func(t *testing.T) {
			got := runCommand(t.Context(), "", args...)
			require.Contains(t, got.out+got.err, "]52;c;aGk=")
			require.NotRegexp(t, `[^\PC\n]`, got.out+got.err)
		})
	}
}

// fullDisk rejects every write.
type fullDisk struct{}

var errFull = errors.New("no space left on device")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestOutput_WriteErrorIsReported(t *testing.T) {
	startRelay(t).Add("done", xiexustest.Completes(0, video))
	for _, command := range []string{"get", "wait"} {
		var errs bytes.Buffer
		code := Run(t.Context(), []string{command, "done", "-q"}, Streams{Network: network, In: strings.NewReader(""), Out: fullDisk{}, Err: &errs})
		require.Equal(t, exitOther, code)
		require.Contains(t, errs.String(), errFull.Error())
	}
}

func TestInterrupt_EndsReadingOfIDs(t *testing.T) {
	startRelay(t)
	for _, command := range []string{"get", "wait"} {
		in, keepOpen := io.Pipe()
		ctx, interrupt := context.WithCancel(t.Context())
		ended := make(chan int)
		go func() {
			ended <- Run(ctx, []string{command, "-"}, Streams{Network: network, In: in, Out: io.Discard, Err: io.Discard})
		}()
		interrupt()
		require.Equal(t, exitInterrupted, <-ended)
		require.NoError(t, keepOpen.Close()) // ends the goroutine that was left reading
	}
}
