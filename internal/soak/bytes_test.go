package soak_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/cli"
	"github.com/xiexus/xiexus-go/internal/cli/history"
	"github.com/xiexus/xiexus-go/xiexustest"
)

var videoSize = flag.Int64("soak.bytes", 16<<20, "how many bytes a video has")

// cdn serves a video as v.mp4.
func cdn(delivery xiexustest.Delivery) *xiexustest.CDN {
	server := xiexustest.NewCDN()
	delivery.Video = xiexustest.RandomVideo(*videoSize)
	server.Put("/v.mp4", delivery)
	return server
}

func TestSoak_Bytes(t *testing.T) {
	tests := []struct {
		name     string
		limit    int64
		noLength bool
		want     error
		most     int64 // bytes received
	}{
		{"no limit", 0, false, nil, *videoSize},
		{"a limit above the size", *videoSize + 1, false, nil, *videoSize},
		{"a limit of the size", *videoSize, false, nil, *videoSize},
		{"a limit of the size, without a length", *videoSize, true, nil, *videoSize},
		{"a limit below the size", *videoSize - 1, false, xiexus.ErrResponseTooLarge, 0},
		{"a limit below the size, without a length", *videoSize - 1, true, xiexus.ErrResponseTooLarge, *videoSize - 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := xiexustest.NewRelay(t)
			relay.Host("cdn.example.com", cdn(xiexustest.Delivery{NoContentLength: test.noLength}))
			client, err := xiexus.New(xiexus.WithAPIKey("sk-soak-key"), xiexus.WithDownloadTransport(relay.HTTPClient().Transport))
			require.NoError(t, err)
			var done, total int64
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			n, err := client.Download(t.Context(), taskAt("http://cdn.example.com/v.mp4"), io.Discard,
				xiexus.WithMaxDownloadSize(test.limit),
				xiexus.WithDownloadProgress(func(received, size int64) {
					require.Greater(t, received, done)
					done, total = received, size
				}))
			runtime.ReadMemStats(&after)
			require.ErrorIs(t, err, test.want)
			require.LessOrEqual(t, n, test.most)
			require.Equal(t, n, done)
			require.Less(t, after.HeapSys, before.HeapSys+16<<20, "memory")
			if test.want == nil {
				require.Equal(t, *videoSize, n)
				require.Contains(t, []int64{*videoSize, -1}, total)
			}
		})
	}
}

func taskAt(url string) *xiexus.Task {
	return &xiexus.Task{VideoTask: gen.VideoTask{TaskID: "film", Status: xiexus.StatusCompleted, URL: url}}
}

// The command resumes from a sparse file, which takes no space: of what is held, only the
// first bytes and the last ones have been received.
func TestSoak_BytesResumed(t *testing.T) {
	const missing, tail = 1 << 20, 128 << 10
	host := cdn(xiexustest.Delivery{Cuts: []int64{1 << 20}})
	server := httptest.NewServer(host)
	defer server.Close()
	relay := xiexustest.StartRelay(xiexustest.WithAPIKey("sk-soak-key"))
	relay.Add("film", xiexustest.Completes(0, server.URL+"/v.mp4", xiexustest.Stored))
	api := httptest.NewServer(relay)
	defer api.Close()
	t.Setenv(xiexus.EnvAPIKey, "sk-soak-key")
	t.Setenv(xiexus.EnvBaseURL, api.URL)
	t.Setenv(history.Env, "off")
	dir := t.TempDir()
	download := func(flags ...string) (code int, out, errs string) {
		var stdout, stderr bytes.Buffer
		args := append([]string{"download", "film", "--dir", dir, "-o", "json"}, flags...)
		code = cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
		return code, stdout.String(), stderr.String()
	}
	code, _, errs := download("--max-retries", "0")
	require.NotZero(t, code)
	require.Contains(t, errs, "partial data is kept in")

	path := filepath.Join(dir, "film.mp4")
	content := xiexustest.RandomVideo(*videoSize)
	held, err := os.OpenFile(filepath.Join(path+".part", "video"), os.O_WRONLY, 0)
	require.NoError(t, err)
	start := *videoSize - missing - tail
	_, err = io.Copy(io.NewOffsetWriter(held, start), io.NewSectionReader(content, start, tail))
	require.NoError(t, err)
	require.NoError(t, held.Close())

	code, out, errs := download()
	require.Zero(t, code, errs)
	require.Len(t, host.Requests(), 2, "one for what is missing")
	require.NotEmpty(t, host.Requests()[1].Header.Get("Range"))
	var printed struct{ Bytes int64 }
	require.NoError(t, json.Unmarshal([]byte(out), &printed))
	require.Equal(t, *videoSize, printed.Bytes)
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	require.NoError(t, err)
	require.Equal(t, *videoSize, info.Size())
	requireSame(t, io.NewSectionReader(content, start, missing+tail), io.NewSectionReader(file, start, missing+tail))
}

func requireSame(t *testing.T, want, got io.Reader) {
	expected, err := io.ReadAll(want)
	require.NoError(t, err)
	actual, err := io.ReadAll(got)
	require.NoError(t, err)
	require.True(t, bytes.Equal(expected, actual))
}
