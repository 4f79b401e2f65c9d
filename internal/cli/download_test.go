package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// startCDN starts a relay and a CDN on loopback, and returns the URL of the CDN's
// only video, which is large enough to take several reads.
func startCDN(t *testing.T) (*xiexustest.Relay, *xiexustest.CDN, string) {
	relay, cdn := startRelay(t), xiexustest.NewCDN()
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

func TestDownload_SavesFiles(t *testing.T) {
	relay, _, url := startCDN(t)
	for _, id := range []string{"one", "two", "three"} {
		relay.Add(id, xiexustest.Completes(0, url, xiexustest.Stored))
	}
	dir := t.TempDir()
	got := runCommand(t.Context(), "two three", "download", "one", "-", "--dir", dir)
	require.Equal(t, 0, got.code, got.err)
	tasks := got.lines(t)
	require.Len(t, tasks, 3)
	for _, task := range tasks {
		file := filepath.Join(dir, task["task_id"].(string)+".mp4")
		require.Equal(t, file, task["file"])
		require.EqualValues(t, film, task["bytes"])
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		require.True(t, bytes.Equal(filmBytes(t), content))
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 3)

	again := runCommand(t.Context(), "", "download", "one", "--dir", dir)
	require.Equal(t, exitOther, again.code)
	require.Contains(t, again.err, "use --force to replace it")
	require.Equal(t, 1, strings.Count(again.err, "xiexus: "))
	forced := runCommand(t.Context(), "", "download", "one", "--dir", dir, "--force", "-o", "table")
	require.Equal(t, 0, forced.code, forced.err)
	require.Contains(t, forced.out, filepath.Join(dir, "one.mp4"))
}

func TestDownload_WritesToStandardOutput(t *testing.T) {
	relay, _, url := startCDN(t)
	relay.Add("one", xiexustest.Completes(0, url))
	got := runCommand(t.Context(), "", "download", "one", "-O", "-", "-q")
	require.Equal(t, 0, got.code, got.err)
	require.True(t, bytes.Equal(filmBytes(t), []byte(got.out)), "the video and nothing else")
	require.Empty(t, got.err)
}

func TestDownload_Errors(t *testing.T) {
	relay, _, url := startCDN(t)
	relay.Add("done", xiexustest.Completes(0, url))
	relay.Add("bad", xiexustest.Fails(0, "unsafe"))
	relay.Add("gone", xiexustest.Completes(0, strings.Replace(url, "film", "gone", 1)))
	relay.Add("metadata", xiexustest.Completes(0, "http://169.254.169.254/latest"))
	existing := filepath.Join(t.TempDir(), "existing.mp4")
	require.NoError(t, os.WriteFile(existing, []byte("mine"), 0o600))
	tests := []exitCase{
		{"download bad", exitTaskFailed, "unsafe"},
		{"download gone", exitOther, "expired"},
		{"download metadata", exitOther, "use --allow-private"},
		{"download done --max-size 500k", exitOther, "too large"},
		{"download done -O " + existing, exitOther, "--force"},
		{"download done bad -O x.mp4", exitUsage, "a single task only"},
		{"download done --dir " + existing + "/dir", exitUsage, "not a directory"},
		{"download done --dir " + existing, exitUsage, "not a directory"},
		{"download done -O /no/such/dir/x.mp4", exitUsage, "directory"},
		{"download done -O x --dir y", exitUsage, "cannot be used together"},
		{"download done --max-size lots", exitUsage, "500M"},
		{"download done -O a\x00b", exitUsage, "--output-file: "},
		{"download", exitUsage, "give at least one"},
	}
	for _, test := range tests {
		t.Run(test.line, func(t *testing.T) {
			t.Chdir(t.TempDir())
			test.line += " --max-retries 0 -q"
			test.run(t)
			left, err := os.ReadDir(".")
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

func TestDownload_SkipsExistingFiles(t *testing.T) {
	relay, cdn, url := startCDN(t)
	relay.Add("one", xiexustest.Completes(0, url))
	relay.Add("two", xiexustest.Completes(0, url))
	dir := t.TempDir()
	require.Equal(t, 0, runCommand(t.Context(), "", "download", "one", "--dir", dir).code)
	got := runCommand(t.Context(), "", "download", "one", "two", "--dir", dir)
	require.Equal(t, exitOther, got.code)
	require.Contains(t, got.err, "--skip-existing to keep it")
	require.NoError(t, os.Remove(filepath.Join(dir, "two.mp4")))
	got = runCommand(t.Context(), "", "download", "one", "two", "--dir", dir, "--skip-existing")
	require.Equal(t, 0, got.code, got.err)
	require.Len(t, got.lines(t), 2)
	for _, line := range got.lines(t) {
		require.EqualValues(t, film, line["bytes"])
	}
	require.Len(t, cdn.Requests(), 3, "the first video is downloaded once, the second twice")
}

func TestDownload_SkipsExistingFilesWithoutARequest(t *testing.T) {
	relay, cdn, url := startCDN(t)
	relay.Add("three", xiexustest.Completes(0, url))
	t.Chdir(t.TempDir())
	for _, name := range []string{"one.mp4", "two.webm", "any.name"} {
		require.NoError(t, os.WriteFile(name, []byte("video"), 0o600))
	}
	require.NoError(t, os.Mkdir("three.mp4", 0o700))
	for args, file := range map[string]string{"one": "one.mp4", "two": "two.webm", "three -O any.name": "any.name"} {
		got := runCommand(t.Context(), "", append([]string{"download", "--skip-existing"}, strings.Fields(args)...)...)
		require.Equal(t, 0, got.code, got.err)
		require.Equal(t, file+" already exists\n", got.err)
		require.Equal(t, []map[string]any{{
			"task_id": strings.Fields(args)[0], "status": "completed", "file": file, "bytes": 5.0, "error": nil,
		}}, got.lines(t))
	}
	require.Empty(t, relay.Requests())
	require.Empty(t, cdn.Requests())
	got := runCommand(t.Context(), "", "download", "three", "--skip-existing")
	require.NotEqual(t, 0, got.code, "a directory is not a video")
	require.NotEmpty(t, relay.Requests())
}

func TestDownload_MakesTheDirectory(t *testing.T) {
	relay, _, url := startCDN(t)
	relay.Add("one", xiexustest.Completes(0, url))
	t.Chdir(t.TempDir())
	for _, dir := range []string{"videos", filepath.Join("a", "b", "c")} {
		got := runCommand(t.Context(), "one # the only one", "download", "-", "--dir", dir)
		require.Equal(t, 0, got.code, got.err)
		require.FileExists(t, filepath.Join(dir, "one.mp4"))
	}
	got := runCommand(t.Context(), "", "download", "@nope", "--dir", "unused")
	require.Equal(t, exitUsage, got.code)
	require.NoDirExists(t, "unused", "an error on the command line comes first")
}

func TestDownload_InterruptSaysHowToResume(t *testing.T) {
	relay, cdn, url := startCDN(t)
	cdn.Put("/film.mp4", xiexustest.Delivery{Video: xiexustest.RandomVideo(film), Cuts: []int64{400_000}})
	relay.Add("one", xiexustest.Completes(0, url))
	dir := t.TempDir()
	ctx, interrupt := context.WithCancel(t.Context())
	// The log want that the download is resumed " in" some time.
	got := runAndInterrupt(ctx, " in ", interrupt, "download", "one", "--dir", dir)
	require.Equal(t, exitInterrupted, got.code, got.err)
	require.Contains(t, got.err, "interrupted; to resume: xiexus download one --dir "+dir)
	require.Empty(t, got.out)
	require.NoFileExists(t, filepath.Join(dir, "one.mp4"))

	got = runCommand(t.Context(), "", "download", "one", "--dir", dir)
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "bytes=334464-", cdn.Requests()[1].Header.Get("Range")) // the last block is requested again
	content, err := os.ReadFile(filepath.Join(dir, "one.mp4"))
	require.NoError(t, err)
	require.True(t, bytes.Equal(filmBytes(t), content))
}

func TestDownload_LimitsConcurrentDownloads(t *testing.T) {
	for flag, want := range map[string]time.Duration{"": 20 * time.Second, "--concurrency=2": 40 * time.Second, "--concurrency=1": 80 * time.Second} {
		t.Run(flag, func(t *testing.T) {
			dir := t.TempDir()
			inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
				cdn := xiexustest.NewCDN()
				cdn.Put("/", xiexustest.Delivery{Video: xiexustest.RandomVideo(10_000), Rate: 1000})
				relay.Host("cdn.example.com", cdn)
				var ids []string
				for i := range 8 {
					ids = append(ids, fmt.Sprintf("task_%d", i))
					relay.Add(ids[i], xiexustest.Completes(0, "http://cdn.example.com/{id}.mp4"))
				}
				start := time.Now()
				got := runCommand(t.Context(), strings.Join(ids, " "), append([]string{"download", "-", "--dir", dir}, strings.Fields(flag)...)...)
				require.Equal(t, 0, got.code, got.err)
				require.InDelta(t, want, time.Since(start), float64(time.Second))
				if flag == "--concurrency=1" {
					for i, request := range cdn.Requests() {
						require.Equal(t, "/"+ids[i]+".mp4", request.Path, "in the order the tasks completed")
					}
				}
			})
		})
	}
}
