package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestResumeHint_QuotesArguments(t *testing.T) {
	to := destination{dir: "my videos", maxSize: 500_000_000, force: true, allowPrivate: true}
	client := clientFlags{baseURL: "http://relay.example.com", keyFile: "it's a key", insecureHTTP: true, maxResponse: 1000}
	require.Equal(t, `to resume: xiexus download a '$b' --dir 'my videos' --force --max-size 500000000 --allow-private`+
		` --base-url http://relay.example.com --api-key-file 'it'"'"'s a key' --insecure-http --max-response-size 1000`,
		hint("to resume", "download", []string{"a", "$b"}, to.args(), client.args()))
	require.Equal(t, "to resume: xiexus download a -O x.mp4 --skip-existing",
		hint("to resume", "download", []string{"a\x1b"}, (&destination{file: "x.mp4", skipExisting: true}).args(), new(clientFlags).args()))
}

// A relay chooses the IDs of its tasks. What the command suggests to run must not be a command
// that the relay has chosen.
func TestResumeHint_HasNoIDsThatAreNotTakenForIDs(t *testing.T) {
	for _, id := range []string{"--exec=touch${IFS}x", "-rf", "-", "@ids.txt"} {
		t.Run(id, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
				relay.Add(id, xiexustest.Completes(time.Hour, video, xiexustest.Stored))
				ids := filepath.Join(t.TempDir(), "ids")
				require.NoError(t, os.WriteFile(ids, []byte(id), 0o600))
				got := runCommand(t.Context(), "", "wait", "@"+ids, "--max-wait", "1m", "-q")
				require.Equal(t, exitTimedOut, got.code, got.err)
				require.True(t, strings.HasSuffix(got.err, "; to resume, write the IDs ("+shellLine([]string{id})+") to a file and run: xiexus wait @FILE\n"), got.err)
			})
		})
	}
}
