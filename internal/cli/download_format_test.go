package cli

import (
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestDownload_ExtensionFollowsTheBytes(t *testing.T) {
	relay, cdn, url := startCDN(t)
	cdn.Put("/film", xiexustest.Delivery{Video: xiexustest.VideoFromBytes([]byte("\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm"))})
	relay.Add("one", xiexustest.Completes(0, strings.TrimSuffix(url, ".mp4"), xiexustest.Stored))
	dir := t.TempDir()
	for _, flag := range []string{"--force", "--skip-existing"} {
		got := runCommand(t.Context(), "", "download", "one", "--dir", dir, flag)
		require.Equal(t, 0, got.code, got.err)
		require.Equal(t, filepath.Join(dir, "one.webm"), got.lines(t)[0]["file"])
		require.EqualValues(t, 12, got.lines(t)[0]["bytes"])
	}
	got := runCommand(t.Context(), "", "download", "one", "--dir", dir)
	require.Equal(t, exitOther, got.code)
	require.Contains(t, got.err, "one.webm")
	require.Contains(t, got.err, "use --force to replace it")
	file := filepath.Join(dir, "mine.mp4")
	got = runCommand(t.Context(), "", "download", "one", "-O", file)
	require.Equal(t, 0, got.code, got.err)
	require.FileExists(t, file, "the name that was given")
}

func TestDownload_ShowsWhatIsNotAVideo(t *testing.T) {
	relay, cdn, url := startCDN(t)
	cdn.Put("/film.mp4", xiexustest.Delivery{Video: xiexustest.VideoFromBytes([]byte(`{"code":403,"message":"额度不足"}`))})
	relay.Add("one", xiexustest.Completes(0, url))
	got := runCommand(t.Context(), "", "download", "one", "--dir", t.TempDir())
	require.Equal(t, exitOther, got.code)
	require.Contains(t, got.err, "额度不足")
	require.Contains(t, got.err, "video/mp4")
}

func TestDownload_LargeDataURL(t *testing.T) {
	relay := startRelay(t)
	video := make([]byte, 300_000)
	copy(video, "FLV\x01")
	relay.Add("one", xiexustest.Completes(0, "data:video/x-flv;base64,"+base64.StdEncoding.EncodeToString(video), xiexustest.Stored))
	got := runCommand(t.Context(), "", "get", "one", "--max-response-size", "100k")
	require.Equal(t, exitOther, got.code)
	require.Contains(t, got.err, "response larger than 100000 bytes")
	require.Contains(t, got.err, "raise the limit with --max-response-size")
	dir := t.TempDir()
	got = runCommand(t.Context(), "", "download", "one", "--max-response-size", "1M", "--dir", dir)
	require.Equal(t, 0, got.code, got.err)
	require.FileExists(t, filepath.Join(dir, "one.flv"))
}
