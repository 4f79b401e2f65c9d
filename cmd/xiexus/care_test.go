package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestTheKeyInTheWrongPlaceIsNotShown(t *testing.T) {
	relay := served(t)
	for _, line := range []string{
		testKey, "get " + testKey, "wait " + testKey, "get x --api-key-file " + testKey, "get x -o " + testKey,
		"get x --base-url " + testKey, "get x --base-url https://" + testKey, "get x --timeout " + testKey, "wait @" + testKey,
	} {
		t.Run(strings.ReplaceAll(line, testKey, "KEY"), func(t *testing.T) {
			got := xiexusCommand(t.Context(), "", strings.Fields(line)...)
			require.Equal(t, exitUsage, got.code, got.err)
			require.NotEmpty(t, got.err)
			require.NotContains(t, got.out+got.err, testKey[3:])
		})
	}
	require.Empty(t, relay.Requests())
}

func TestJSONDoesNotDriveTheTerminal(t *testing.T) {
	require.Equal(t, "{\"a\":\"视频 \\u009b31m\\u202e\\u007f\\udb40\\udc01\"}\n",
		string(escapeUnseen([]byte("{\"a\":\"视频 \u009b31m\u202e\u007f\U000e0001\"}\n"))))
}

// fullDisk refuses what is written to it.
type fullDisk struct{}

var errFull = errors.New("no space left on device")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestLostOutputIsAnError(t *testing.T) {
	served(t).Add("done", xiexustest.Completes(0, video))
	for _, command := range []string{"get", "wait"} {
		var told bytes.Buffer
		code := run(t.Context(), []string{command, "done", "-q"}, streams{in: strings.NewReader(""), out: fullDisk{}, err: &told})
		require.Equal(t, exitOther, code)
		require.Contains(t, told.String(), errFull.Error())
	}
}

func TestAnInterruptEndsTheReadingOfIDs(t *testing.T) {
	served(t)
	for _, command := range []string{"get", "wait"} {
		in, keepOpen := io.Pipe()
		ctx, interrupt := context.WithCancel(t.Context())
		ended := make(chan int)
		go func() {
			ended <- run(ctx, []string{command, "-"}, streams{in: in, out: io.Discard, err: io.Discard})
		}()
		interrupt()
		require.Equal(t, exitInterrupted, <-ended)
		require.NoError(t, keepOpen.Close()) // lets go of the reading that was left behind
	}
}
