package xiexus_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// fetchByHand is the floor: a download with net/http and io.Copy.
func fetchByHand(ctx context.Context, url, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, resp.Body); err != nil {
		return err
	}
	return file.Close()
}

// BenchmarkDownload fetches 256 MiB over loopback into a file.
func BenchmarkDownload(b *testing.B) {
	const size = 256 << 20
	cdn := xiexustest.NewCDN()
	cdn.Put("/", xiexustest.Delivery{Video: xiexustest.RandomVideo(size)})
	server := httptest.NewServer(cdn)
	defer server.Close()
	client, err := xiexus.New(xiexus.WithAPIKey("sk-bench-key"), xiexus.WithBaseURL("http://127.0.0.1:1"))
	require.NoError(b, err)
	task := taskAt(server.URL + "/video.mp4")
	for _, way := range []struct {
		name     string
		download func(ctx context.Context, path string) error
	}{
		{"by hand", func(ctx context.Context, path string) error { return fetchByHand(ctx, task.URL, path) }},
		{"DownloadFile", func(ctx context.Context, path string) error {
			_, err := client.DownloadFile(ctx, task, path)
			return err
		}},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.SetBytes(size)
			path := filepath.Join(b.TempDir(), "video.mp4")
			for b.Loop() {
				if err := way.download(b.Context(), path); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				_ = os.Remove(path)
				b.StartTimer()
			}
		})
	}
}

// longVideo is a transport in memory whose responses have a number of bytes.
type longVideo int64

func (size longVideo) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode:    http.StatusOK,
		Header:        http.Header{"Content-Type": {"video/mp4"}},
		Body:          io.NopCloser(io.NewSectionReader(xiexustest.RandomVideo(int64(size)), 0, int64(size))),
		ContentLength: int64(size),
		Request:       req,
	}, nil
}

func TestDownload_AllocatesTheSameForAnySize(t *testing.T) {
	allocated := func(size int64) int64 {
		client, err := xiexus.New(xiexus.WithAPIKey("sk-bench-key"), xiexus.WithDownloadTransport(longVideo(size)))
		require.NoError(t, err)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, err := client.Download(t.Context(), taskAt("https://cdn.example.com/v.mp4"), io.Discard)
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		require.Equal(t, size, n)
		return int64(after.TotalAlloc - before.TotalAlloc)
	}
	allocated(1 << 20) // what is made once
	require.InDelta(t, allocated(1<<20), allocated(256<<20), 64<<10)
}
