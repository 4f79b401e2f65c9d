package xiexus_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestDownload_ResumesAfterManyBreaks(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	cuts := make([]int64, 20)
	for i := range cuts {
		cuts[i] = random.Int64N(film.Size)
	}
	some := cuts[:5] // each costs what was received before, unless there are ranges
	tests := []struct {
		name     string
		delivery xiexustest.Delivery
		url      string
	}{
		{"ranges", xiexustest.Delivery{}, atCDN},
		{"ranges, small pieces", xiexustest.Delivery{Cuts: []int64{1000, 1, 2, 3, 0, 1000, 4, 0, 0, 5}}, atCDN},
		{"no ranges", xiexustest.Delivery{NoRange: true, Cuts: some}, atCDN},
		{"no validator", xiexustest.Delivery{NoETag: true, Cuts: some}, atCDN},
		{"no length", xiexustest.Delivery{NoContentLength: true}, atCDN},
		{"idle", xiexustest.Delivery{Stall: true}, atCDN},
		{"the relay's route", xiexustest.Delivery{NoRange: true, Cuts: some}, ""},
		{"the relay's route, with ranges", xiexustest.Delivery{}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, toFile := range []bool{true, false} {
					s := newStudio(t)
					test.delivery.Video = film
					if test.delivery.Cuts == nil {
						test.delivery.Cuts = cuts
					}
					s.cdn.Put("/film.mp4", test.delivery)
					s.relay.SetContent(test.delivery)
					client := newClient(t, s.relay)
					got, n, err := fetch(t, client, s.task(t, client, test.url), toFile)
					require.NoError(t, err)
					require.Equal(t, film.Size, n)
					require.True(t, bytes.Equal(filmBytes(t), got))
				}
			})
		})
	}
}

// fetch downloads a video to a file or a writer, and returns what is there then.
func fetch(t *testing.T, client *xiexus.Client, task *xiexus.Task, toFile bool) ([]byte, int64, error) {
	if toFile {
		path := filepath.Join(t.TempDir(), task.FileName())
		n, err := client.DownloadFile(t.Context(), task, path)
		got, _ := os.ReadFile(path)
		return got, n, err
	}
	var got bytes.Buffer
	n, err := client.Download(t.Context(), task, &got)
	return got.Bytes(), n, err
}

func TestDownload_RenewsAnExpiredLinkOnce(t *testing.T) {
	tests := []struct {
		name  string
		urls  []string
		reads int
		want  error
	}{
		{"a new link", []string{"http://cdn.example.com/old.mp4?signature=x", atCDN}, 2, nil},
		{"the relay's route", []string{"http://cdn.example.com/old.mp4", ""}, 2, nil},
		{"the same link", []string{"http://cdn.example.com/old.mp4"}, 2, xiexus.ErrLinkExpired},
		{"another expired link", []string{"http://cdn.example.com/old.mp4", "http://cdn.example.com/gone.mp4", atCDN}, 2, xiexus.ErrLinkExpired},
	}
	for _, test := range tests {
		for _, status := range []int{400, 401, 403, 404, 410} {
			t.Run(fmt.Sprintf("%s, %d", test.name, status), func(t *testing.T) {
				s := newStudio(t)
				s.cdn.Put("/old.mp4", xiexustest.Delivery{Status: status})
				s.cdn.Put("/gone.mp4", xiexustest.Delivery{Status: status})
				client := newClient(t, s.relay)
				script := xiexustest.Completes(0, "")
				script.URLs = test.urls
				s.relay.Add("task", script)
				task, err := client.Get(t.Context(), "task")
				require.NoError(t, err)
				before := task.URL

				_, err = client.Download(t.Context(), task, io.Discard)
				require.ErrorIs(t, err, test.want)
				reads := 0
				for _, request := range s.relay.Requests() {
					if request.Path == "/v1/video/generations/task" {
						reads++
					}
				}
				require.Equal(t, test.reads, reads)
				require.Equal(t, before, task.URL, "the caller's task is not changed")
				if err != nil {
					require.NotErrorIs(t, err, xiexus.ErrForbidden, "that would be about the key")
					require.NotContains(t, err.Error(), "signature")
				}
			})
		}
	}
}

func TestDownload_RenewsALinkThatKeepsExpiring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		s.cdn.Put("/film.mp4", xiexustest.Delivery{
			Video: film, Rate: 100_000, LinkTTL: time.Second, Cuts: []int64{300_000, 300_000, 300_000},
		})
		client := newClient(t, s.relay)
		task := s.task(t, client, atCDN+"?since={now}", xiexustest.Stored)
		var got bytes.Buffer
		_, err := client.Download(t.Context(), task, &got)
		require.NoError(t, err)
		require.True(t, bytes.Equal(filmBytes(t), got.Bytes()))
		require.Len(t, s.cdn.Requests(), 4+3, "after each break the old link is tried first")
	})
}

// interrupter cancels a context after a number of bytes.
type interrupter struct {
	interrupt context.CancelFunc
	after     int64
}

func (i interrupter) progress(done, _ int64) {
	if done >= i.after {
		i.interrupt()
	}
}

func TestDownloadFile_ResumesAfterAnInterrupt(t *testing.T) {
	for _, ranges := range []bool{true, false} {
		t.Run(fmt.Sprint("ranges ", ranges), func(t *testing.T) {
			s := newStudio(t)
			s.cdn.Put("/film.mp4", xiexustest.Delivery{Video: film, NoRange: !ranges})
			client := newClient(t, s.relay)
			path := filepath.Join(t.TempDir(), "film.mp4")
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			n, err := client.DownloadFile(ctx, taskAt(atCDN), path, xiexus.WithDownloadProgress(interrupter{interrupt, 300_000}.progress))
			require.ErrorIs(t, err, context.Canceled)
			var failed *xiexus.DownloadError
			require.ErrorAs(t, err, &failed)
			require.Equal(t, path+".part", failed.Partial)
			require.Equal(t, n, failed.Received)
			require.Equal(t, film.Size, failed.Size)
			require.Contains(t, err.Error(), "retry the download to resume")
			require.NoFileExists(t, path)

			var first int64
			size, err := newClient(t, s.relay).DownloadFile(t.Context(), taskAt(atCDN), path, xiexus.WithDownloadProgress(func(done, _ int64) {
				if first == 0 {
					first = done
				}
			}))
			require.NoError(t, err)
			require.Equal(t, film.Size, size)
			held := n - 64<<10 // the last block may be spoiled, and is requested again
			require.Greater(t, first, held)
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, bytes.Equal(filmBytes(t), got))
			require.NoDirExists(t, path+".part")
			require.Equal(t, fmt.Sprintf("bytes=%d-", held), s.cdn.Requests()[1].Header.Get("Range"))
			require.NotEmpty(t, s.cdn.Requests()[1].Header.Get("If-Range"))
		})
	}
}
