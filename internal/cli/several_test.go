package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// startAlbum starts a relay whose tasks each have three videos, of different sizes.
func startAlbum(t *testing.T) *xiexustest.CDN {
	cdn := xiexustest.NewCDN()
	for n := 1; n <= 3; n++ {
		cdn.Put(fmt.Sprintf("/%d.mp4", n), xiexustest.Delivery{Video: xiexustest.RandomVideo(int64(1000 * n))})
	}
	files := httptest.NewServer(cdn)
	t.Cleanup(files.Close)
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodGet {
			http.NotFound(w, req)
			return
		}
		id := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
		_, _ = fmt.Fprintf(w, `{"code":"success","data":{"task_id":%q,"status":"SUCCESS","progress":"100%%","result_url":"%[2]s/1.mp4",
			"data":{"task_result":{"videos":[{"url":"%[2]s/1.mp4"},{"url":"%[2]s/2.mp4"},{"url":"%[2]s/3.mp4"}]}}}}`, id, files.URL)
	}))
	t.Cleanup(relay.Close)
	t.Setenv(xiexus.EnvAPIKey, testKey)
	t.Setenv(xiexus.EnvBaseURL, relay.URL)
	return cdn
}

func requireSizes(t *testing.T, files []string, sizes ...int64) {
	for i, file := range files {
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, sizes[i], info.Size())
	}
}

func TestDownload_SavesAllVideosOfATask(t *testing.T) {
	for name, test := range map[string]struct {
		flags string
		want  []string
	}{
		"by ID":          {"--dir out", []string{"out/one.mp4", "out/one-2.mp4", "out/one-3.mp4"}},
		"by name":        {"-O cat.mp4", []string{"cat.mp4", "cat-2.mp4", "cat-3.mp4"}},
		"no extension":   {"-O cat", []string{"cat", "cat-2", "cat-3"}},
		"replacing them": {"-O cat.mp4 --force", []string{"cat.mp4", "cat-2.mp4", "cat-3.mp4"}},
	} {
		t.Run(name, func(t *testing.T) {
			startAlbum(t)
			t.Chdir(t.TempDir())
			if strings.Contains(test.flags, "--force") {
				require.NoError(t, os.WriteFile("cat-2.mp4", nil, 0o600))
			}
			got := runCommand(t.Context(), "", strings.Fields("download one "+test.flags)...)
			require.Equal(t, 0, got.code, got.err)
			line := got.lines(t)[0]
			require.Equal(t, filepath.FromSlash(test.want[0]), line["file"])
			require.EqualValues(t, 1000, line["bytes"])
			require.Len(t, line["files"], 3)
			requireSizes(t, test.want, 1000, 2000, 3000)
		})
	}
}

func TestDownload_ResumesWithTheMissingVideosOfATask(t *testing.T) {
	cdn := startAlbum(t)
	t.Chdir(t.TempDir())
	cdn.Put("/1.mp4", xiexustest.Delivery{Status: http.StatusGone})
	got := runCommand(t.Context(), "", "download", "one", "--max-retries", "0")
	require.Equal(t, exitOther, got.code, got.err)
	require.NoFileExists(t, "one.mp4")
	cdn.Put("/1.mp4", xiexustest.Delivery{Video: xiexustest.RandomVideo(1000)})
	got = runCommand(t.Context(), "", "download", "one", "--skip-existing")
	require.Equal(t, 0, got.code, got.err)
	requireSizes(t, []string{"one.mp4", "one-2.mp4", "one-3.mp4"}, 1000, 2000, 3000)
	require.Len(t, got.lines(t)[0]["files"], 3)
	before := len(cdn.Requests())
	got = runCommand(t.Context(), "", "download", "one", "--skip-existing")
	require.Equal(t, 0, got.code, got.err)
	require.Len(t, cdn.Requests(), before, "the first is there, so all are")
}

func TestDownload_SavesTheOtherVideosOfATask(t *testing.T) {
	tests := map[string]struct {
		delivery xiexustest.Delivery
		message  string
	}{
		"one is a text": {xiexustest.Delivery{Video: xiexustest.VideoFromBytes([]byte("transcript"))}, "not a video but text"},
		"one is gone":   {xiexustest.Delivery{Status: http.StatusGone}, "the video URL has expired"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cdn := startAlbum(t)
			t.Chdir(t.TempDir())
			cdn.Put("/2.mp4", test.delivery)
			got := runCommand(t.Context(), "", "download", "one")
			require.Equal(t, exitOther, got.code, got.err)
			require.Contains(t, got.err, "video 2 of 3: ")
			require.Contains(t, got.err, test.message)
			require.Equal(t, []any{"one.mp4", "one-3.mp4"}, got.lines(t)[0]["files"])
			requireSizes(t, []string{"one.mp4", "one-3.mp4"}, 1000, 3000)
			require.NoFileExists(t, "one-2.mp4")
		})
	}
}

func TestDownload_NamesVideosThatAreNotSaved(t *testing.T) {
	startAlbum(t)
	got := runCommand(t.Context(), "", "download", "one", "-O", "-")
	require.Equal(t, 0, got.code, got.err)
	require.Len(t, got.out, 1000)
	require.Contains(t, got.err, "one has 3 videos; writing the first to standard output\n")
	got = runCommand(t.Context(), "", "get", "one", "-o", "table")
	require.Contains(t, got.out, "3 videos, the first at http://")
	got = runCommand(t.Context(), "", "get", "one")
	require.Len(t, got.lines(t)[0]["urls"], 3)
	t.Chdir(t.TempDir())
	got = runCommand(t.Context(), "", "download", "one", "-o", "table")
	require.Contains(t, got.out, "one.mp4 (1000 B) and 2 more\n")
}
