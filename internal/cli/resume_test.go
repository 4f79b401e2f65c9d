package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResumeHint_QuotesArguments(t *testing.T) {
	to := destination{dir: "my videos", maxSize: 500_000_000, force: true, allowPrivate: true}
	client := clientFlags{baseURL: "http://relay.example.com", keyFile: "it's a key", insecureHTTP: true, maxResponse: 1000}
	require.Equal(t, `to resume: xiexus download a '$b' --dir 'my videos' --force --max-size 500000000 --allow-private`+
		` --base-url http://relay.example.com --api-key-file 'it'"'"'s a key' --insecure-http --max-response-size 1000`,
		resumeHint([]string{"download"}, []string{"a", "$b"}, to.args(), client.args()))
	require.Equal(t, "to resume: xiexus download a -O x.mp4 --skip-existing",
		resumeHint([]string{"download", "a\x1b"}, (&destination{file: "x.mp4", skipExisting: true}).args(), new(clientFlags).args()))
}
