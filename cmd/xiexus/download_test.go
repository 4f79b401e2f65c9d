package main

import (
	"context"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// servedVideos starts a relay and a CDN on loopback, and returns the address of
// the CDN's only video, of a size that takes several reads.
func servedVideos(t *testing.T) (*xiexustest.Relay, *xiexustest.CDN, string) {
	relay, cdn := served(t), xiexustest.NewCDN()
	cdn.Put("/film.mp4", xiexustest.Delivery{Video: xiexustest.RandomVideo(film)})
	server := httptest.NewServer(cdn)
	t.Cleanup(server.Close)
	return relay, cdn, server.URL + "/film.mp4"
}

const film = 600_000

func filmBytes(t *testing.T) []byte {
	content, err := io.ReadAll(io.NewSectionReader(xiexustest.RandomVideo(film), 0, film))
	require.NoError(t, err)
	return content
}

func TestDownload(t *testing.T) {
	relay, _, url := servedVideos(t)
	for _, id := range []string{"one", "two", "three"} {
		relay.Add(id, xiexustest.Completes(0, url, xiexustest.Stored))
	}
	folder := t.TempDir()
	got := xiexusCommand(t.Context(), "two three", "download", "one", "-", "--dir", folder)
	require.Equal(t, 0, got.code, got.err)
	tasks := got.lines(t)
	require.Len(t, tasks, 3)
	for _, task := range tasks {
		file := filepath.Join(folder, task["task_id"].(string)+".mp4")
		require.Equal(t, file, task["file"])
		require.EqualValues(t, film, task["bytes"])
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		require.True(t, string(filmBytes(t)) == string(content))
	}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 3)

	again := xiexusCommand(t.Context(), "", "download", "one", "--dir", folder)
	require.Equal(t, 1, again.code)
	require.Contains(t, again.err, "--force replaces it")
	require.Equal(t, 1, strings.Count(again.err, "xiexus: "))
	forced := xiexusCommand(t.Context(), "", "download", "one", "--dir", folder, "--force", "-o", "table")
	require.Equal(t, 0, forced.code, forced.err)
	require.Contains(t, forced.out, filepath.Join(folder, "one.mp4"))
}

func TestDownloadToStandardOutput(t *testing.T) {
	relay, _, url := servedVideos(t)
	relay.Add("one", xiexustest.Completes(0, url))
	got := xiexusCommand(t.Context(), "", "download", "one", "-O", "-", "-q")
	require.Equal(t, 0, got.code, got.err)
	require.True(t, string(filmBytes(t)) == got.out, "the video and nothing else")
	require.Empty(t, got.err)
}

func TestDownloadsThatCannotBe(t *testing.T) {
	relay, _, url := servedVideos(t)
	relay.Add("done", xiexustest.Completes(0, url))
	relay.Add("bad", xiexustest.Fails(0, "unsafe"))
	relay.Add("gone", xiexustest.Completes(0, strings.Replace(url, "film", "gone", 1)))
	relay.Add("metadata", xiexustest.Completes(0, "http://169.254.169.254/latest"))
	taken := filepath.Join(t.TempDir(), "taken.mp4")
	require.NoError(t, os.WriteFile(taken, []byte("mine"), 0o600))
	tests := []struct {
		line string
		code int
		says string
	}{
		{"download bad", 3, "unsafe"},
		{"download nope", 4, "task_not_exist"},
		{"download gone", 1, "expired"},
		{"download metadata", 1, "private network"},
		{"download done --max-size 500k", 1, "too large"},
		{"download done -O " + taken, 1, "--force"},
		{"download done bad -O x.mp4", 2, "takes one task"},
		{"download done --dir /no/such/folder", 2, "no such"},
		{"download done --dir " + taken, 2, "it is a file"},
		{"download done -O /no/such/folder/x.mp4", 2, "folder"},
		{"download done -O x --dir y", 2, "do not go together"},
		{"download done --max-size lots", 2, "500M"},
		{"download", 2, "give a task id"},
	}
	for _, test := range tests {
		t.Run(test.line, func(t *testing.T) {
			t.Chdir(t.TempDir())
			got := xiexusCommand(t.Context(), "", append(strings.Fields(test.line), "--max-retries", "0", "-q")...)
			require.Equal(t, test.code, got.code, got.err)
			require.Contains(t, got.err, test.says)
			require.Equal(t, 1, strings.Count(got.err, "\n"), got.err)
			left, err := os.ReadDir(".")
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

func TestFilesThatExistCanBeSkipped(t *testing.T) {
	relay, cdn, url := servedVideos(t)
	relay.Add("one", xiexustest.Completes(0, url))
	relay.Add("two", xiexustest.Completes(0, url))
	folder := t.TempDir()
	require.Equal(t, 0, xiexusCommand(t.Context(), "", "download", "one", "--dir", folder).code)
	got := xiexusCommand(t.Context(), "", "download", "one", "two", "--dir", folder)
	require.Equal(t, 1, got.code)
	require.Contains(t, got.err, "--skip-existing leaves it")
	require.NoError(t, os.Remove(filepath.Join(folder, "two.mp4")))
	got = xiexusCommand(t.Context(), "", "download", "one", "two", "--dir", folder, "--skip-existing")
	require.Equal(t, 0, got.code, got.err)
	require.Len(t, got.lines(t), 2)
	for _, line := range got.lines(t) {
		require.EqualValues(t, film, line["bytes"])
	}
	require.Len(t, cdn.Requests(), 3, "each video came once, but the second twice")
}

func TestAnInterruptedDownloadSaysHowToGoOn(t *testing.T) {
	relay, cdn, url := servedVideos(t)
	cdn.Put("/film.mp4", xiexustest.Delivery{Video: xiexustest.RandomVideo(film), Cuts: []int64{400_000}})
	relay.Add("one", xiexustest.Completes(0, url))
	folder := t.TempDir()
	ctx, interrupt := context.WithCancel(t.Context())
	got := interruptedCommand(ctx, "the download broke off", interrupt, "download", "one", "--dir", folder)
	require.Equal(t, 130, got.code, got.err)
	require.Contains(t, got.err, "interrupted; to go on where it stopped: xiexus download one --dir "+folder)
	require.Empty(t, got.out)
	require.NoFileExists(t, filepath.Join(folder, "one.mp4"))

	got = xiexusCommand(t.Context(), "", "download", "one", "--dir", folder)
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "bytes=400000-", cdn.Requests()[1].Header.Get("Range"))
	content, err := os.ReadFile(filepath.Join(folder, "one.mp4"))
	require.NoError(t, err)
	require.True(t, string(filmBytes(t)) == string(content))
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1": 1, "1500": 1500, "1k": 1000, "1K": 1000, "1KB": 1000, "1KiB": 1024, "1.5 M": 1_500_000, "2MiB": 2 << 20, "3g": 3_000_000_000, "1TiB": 1 << 40,
	} {
		var s size
		require.NoError(t, s.Set(text), text)
		require.EqualValues(t, want, s, text)
	}
	for _, text := range []string{"", "k", "-1", "1x", "NaN", "1e30", "99999999T"} {
		var s size
		require.Error(t, s.Set(text), text)
	}
}
