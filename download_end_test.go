package xiexus_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestDownload_RejectsTasksWithoutAVideo(t *testing.T) {
	s := newStudio(t)
	client := newClient(t, s.relay)
	failed := &xiexus.Task{VideoTask: gen.VideoTask{TaskID: "task", Status: xiexus.StatusFailed, URL: atCDN}}
	var taskFailed *xiexus.TaskFailedError
	tests := []struct {
		name string
		task *xiexus.Task
		want error
	}{
		{"nil", nil, xiexus.ErrNotCompleted},
		{"queued", &xiexus.Task{VideoTask: gen.VideoTask{TaskID: "task", Status: xiexus.StatusQueued}}, xiexus.ErrNotCompleted},
		{"unknown", &xiexus.Task{VideoTask: gen.VideoTask{TaskID: "task", Status: xiexus.StatusUnknown, URL: atCDN}}, xiexus.ErrNotCompleted},
		{"no status", &xiexus.Task{VideoTask: gen.VideoTask{TaskID: "task", URL: atCDN}}, xiexus.ErrNotCompleted},
		{"no id", &xiexus.Task{VideoTask: gen.VideoTask{Status: xiexus.StatusCompleted}}, xiexus.ErrInvalidTaskID},
		{"an id that leads elsewhere", &xiexus.Task{VideoTask: gen.VideoTask{TaskID: "..", Status: xiexus.StatusCompleted}}, xiexus.ErrInvalidTaskID},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := client.Download(t.Context(), test.task, io.Discard)
			require.ErrorIs(t, err, test.want)
			_, err = client.DownloadFile(t.Context(), test.task, filepath.Join(t.TempDir(), "v"))
			require.ErrorIs(t, err, test.want)
		})
	}
	_, err := client.Download(t.Context(), failed, io.Discard)
	require.ErrorAs(t, err, &taskFailed)
	_, err = client.Download(t.Context(), taskAt(atCDN), io.Discard, xiexus.WithMaxDownloadSize(-1))
	require.ErrorContains(t, err, "WithMaxDownloadSize")
	require.Empty(t, s.relay.Requests())
	require.Empty(t, s.cdn.Requests())
}

func TestDownloadFile_RejectsIncompleteVideos(t *testing.T) {
	tests := []struct {
		name     string
		delivery xiexustest.Delivery
		options  []xiexus.DownloadOption
		want     error
		keeps    bool // what was received, for another download
	}{
		{"shorter than its length", xiexustest.Delivery{ContentLength: film.Size + 1}, nil, xiexus.ErrIncomplete, true},
		{"empty", xiexustest.Delivery{Video: xiexustest.VideoFromBytes(nil)}, nil, xiexus.ErrIncomplete, false},
		{"too large", xiexustest.Delivery{}, []xiexus.DownloadOption{xiexus.WithMaxDownloadSize(1 << 20)}, xiexus.ErrResponseTooLarge, false},
		{"too large without a length", xiexustest.Delivery{NoContentLength: true}, []xiexus.DownloadOption{xiexus.WithMaxDownloadSize(1 << 20)}, xiexus.ErrResponseTooLarge, false},
		{"a wrong checksum", xiexustest.Delivery{Header: http.Header{"Content-Md5": {"JfnnlDI7RTiF9RgfG2JNCw=="}}}, nil, xiexus.ErrChecksum, false},
		{"a page", xiexustest.Delivery{Video: xiexustest.VideoFromBytes([]byte("<html>"))}, nil, xiexus.ErrUnexpectedResponse, false},
		{"an overloaded CDN", xiexustest.Delivery{Status: http.StatusServiceUnavailable}, nil, xiexus.ErrUnavailable, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStudio(t)
				if test.delivery.Video.ReaderAt == nil {
					test.delivery.Video = film
				}
				s.cdn.Put("/film.mp4", test.delivery)
				client := newClient(t, s.relay)
				path := filepath.Join(t.TempDir(), "v.mp4")
				n, err := client.DownloadFile(t.Context(), taskAt(atCDN+"?signature=secret"), path, test.options...)
				require.ErrorIs(t, err, test.want)
				var failed *xiexus.DownloadError
				require.ErrorAs(t, err, &failed)
				require.Equal(t, "task", failed.TaskID)
				require.NotContains(t, err.Error(), "secret")
				require.NoFileExists(t, path)
				if test.keeps {
					require.DirExists(t, failed.Partial)
				} else {
					require.Zero(t, n)
					require.Empty(t, failed.Partial)
					require.NoDirExists(t, path+".part")
				}
			})
		})
	}
}

func TestDownload_RejectsABrokenDataURL(t *testing.T) {
	_, err := newClient(t, newRelay(t)).Download(t.Context(), taskAt("data:video/mp4;base64,A"), io.Discard)
	require.ErrorIs(t, err, xiexus.ErrUnexpectedResponse)
}

func TestDownload_ErrorsOfTheRelaysRoute(t *testing.T) {
	tests := []struct {
		name     string
		opts     []xiexus.Option
		task     string
		fault    int
		want     error
		requests int
	}{
		{"a wrong key", []xiexus.Option{xiexus.WithAPIKey("sk-wrong-wrong-wrong")}, "task", 0, xiexus.ErrUnauthorized, 1},
		{"no such task", nil, "nope", 0, xiexus.ErrNoVideo, 1},
		{"not completed", nil, "working", 0, xiexus.ErrNoVideo, 1},
		{"an upstream error", []xiexus.Option{xiexus.WithMaxRetries(0)}, "task", http.StatusBadGateway, xiexus.ErrUnavailable, 1},
		{"a blocked upstream", nil, "task", http.StatusForbidden, xiexus.ErrForbidden, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStudio(t)
				s.relay.Add("task", xiexustest.Completes(0, ""))
				s.relay.Add("working", endless)
				s.relay.SetContent(xiexustest.Delivery{Status: test.fault})
				task := taskAt("")
				task.TaskID = test.task
				_, err := newClient(t, s.relay, test.opts...).Download(t.Context(), task, io.Discard)
				var apiErr *xiexus.APIError
				require.ErrorAs(t, err, &apiErr)
				if test.want != nil {
					require.ErrorIs(t, err, test.want)
				}
				require.Len(t, s.relay.Requests(), test.requests)
			})
		})
	}
}

func TestDownloadFile_KeepsExistingFiles(t *testing.T) {
	s := newStudio(t)
	client := newClient(t, s.relay)
	path := filepath.Join(t.TempDir(), "v.mp4")
	require.NoError(t, os.WriteFile(path, []byte("mine"), 0o600))
	_, err := client.DownloadFile(t.Context(), taskAt(atCDN), path)
	require.ErrorIs(t, err, fs.ErrExist)
	require.ErrorContains(t, err, "file already exists; use WithOverwrite to replace it")
	require.Empty(t, s.cdn.Requests())
	size, err := client.DownloadFile(t.Context(), taskAt(atCDN), path, xiexus.WithOverwrite(), nil)
	require.NoError(t, err)
	require.Equal(t, film.Size, size)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(filmBytes(t), got))
}

type fullDisk struct{}

var errFull = errors.New("no space left on device")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestDownload_EndsWhenTheWriterFails(t *testing.T) {
	s := newStudio(t)
	_, err := newClient(t, s.relay).Download(t.Context(), taskAt(atCDN), fullDisk{})
	require.ErrorIs(t, err, errFull)
	require.Len(t, s.cdn.Requests(), 1, "a retry would not help")
}

func TestDownload_RequestTimeoutIsAnIdleTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		s.cdn.Put("/film.mp4", xiexustest.Delivery{Video: film, Cuts: []int64{0, 0, 0}, Stall: true})
		client := newClient(t, s.relay, xiexus.WithRequestTimeout(7*time.Second), xiexus.WithMaxRetries(1))
		start := time.Now()
		_, err := client.Download(t.Context(), taskAt(atCDN), io.Discard)
		require.ErrorIs(t, err, xiexus.ErrIncomplete)
		require.Contains(t, err.Error(), "no data received for 7s")
		require.InDelta(t, 14*time.Second, time.Since(start), float64(time.Second))

		s.cdn.Put("/film.mp4", xiexustest.Delivery{Video: film, Rate: 20_000}) // slow, but never idle
		start = time.Now()
		n, err := client.Download(t.Context(), taskAt(atCDN), io.Discard)
		require.NoError(t, err)
		require.Equal(t, film.Size, n)
		require.Greater(t, time.Since(start), 50*time.Second)
	})
}

func TestDownload_EndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		s.cdn.Put("/film.mp4", xiexustest.Delivery{Video: film, Cuts: []int64{0}, Stall: true})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := newClient(t, s.relay).Download(ctx, taskAt(atCDN), io.Discard)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestDownload_LogsNoSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		s.cdn.Put("/film.mp4", xiexustest.Delivery{Video: film, Cuts: []int64{10}})
		var log strings.Builder
		client := newClient(t, s.relay, xiexus.WithLogger(loggerTo(&log)))
		_, err := client.Download(t.Context(), taskAt(atCDN+"?signature=secret"), io.Discard)
		require.NoError(t, err)
		require.Contains(t, log.String(), "retrying")
		require.Contains(t, log.String(), "offset=10")
		require.NotContains(t, log.String(), "secret")
		require.NotContains(t, log.String(), testKey[3:])
		require.Contains(t, log.String(), "status=206")
	})
}

func TestDownload_RejectsANilWriter(t *testing.T) {
	s := newStudio(t)
	_, err := newClient(t, s.relay).Download(t.Context(), taskAt(atCDN), nil)
	require.ErrorContains(t, err, "nil")
	require.Empty(t, s.cdn.Requests())
}
