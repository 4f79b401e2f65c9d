package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// atCDN returns a client, a completed task of its relay, and the CDN with its video.
func atCDN(t *testing.T, delivery xiexustest.Delivery) (*xiexus.Client, *xiexus.Task, *xiexustest.CDN) {
	t.Helper()
	relay, cdn := xiexustest.NewRelay(t), xiexustest.NewCDN()
	cdn.Put("/a.mp4", delivery)
	relay.Host("cdn.example.com", cdn)
	script := xiexustest.Completes(0, "", xiexustest.Documented, xiexustest.Realtime)
	script.URLs = []string{"https://cdn.example.com/a.mp4?since={now}"}
	relay.Add("task", script)
	client := newClient(t, relay)
	task, err := client.Get(t.Context(), "task")
	check(t, err == nil, err)
	return client, task, cdn
}

func TestDownloadFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, task, cdn := atCDN(t, xiexustest.Delivery{
			Video: xiexustest.RandomVideo(100_000), Rate: 10_000, Cuts: []int64{50_000}, LinkTTL: time.Hour, NoETag: true,
			Header: http.Header{"Content-Type": {"video/mp4"}},
		})
		file := filepath.Join(t.TempDir(), "video.mp4")
		var received, total int64
		var saved string
		size, err := client.DownloadFile(t.Context(), task, file,
			xiexus.WithOverwrite(), xiexus.WithMaxDownloadSize(1<<20), xiexus.WithMinDownloadSpeed(100), xiexus.WithVideoIndex(0),
			xiexus.WithDetectedExtension(func(path string) { saved = path }),
			xiexus.WithDownloadProgress(func(done, of int64) { received, total = done, of }))
		check(t, err == nil && size == 100_000 && received == size && total == size && saved == file, err, size, received, total, saved)
		content, err := os.ReadFile(file)
		check(t, err == nil && len(content) == 100_000, err)
		check(t, len(cdn.Requests()) == 2, cdn.Requests())
		cdn.DiscardRequests()
	})
}

func TestDownload_FromTheRelay(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	relay.Add("task", xiexustest.Completes(0, ""))
	client := newClient(t, relay)
	task, err := client.Get(t.Context(), "task")
	check(t, err == nil, err)
	relay.SetContent(xiexustest.Delivery{Status: 404})
	_, err = client.Download(t.Context(), &xiexus.Task{VideoTask: xiexus.VideoTask{TaskID: "task", Status: xiexus.StatusCompleted}}, io.Discard)
	check(t, errors.Is(err, xiexus.ErrNoVideo), err)
	relay.SetContent(xiexustest.Delivery{NoContentLength: true, NoRange: true})
	var video bytes.Buffer
	size, err := client.Download(t.Context(), task, &video)
	sample := xiexustest.SampleVideo()
	check(t, err == nil && size == sample.Size, err, size)
	want := make([]byte, sample.Size)
	_, err = sample.ReadAt(want, 0)
	check(t, (err == nil || err == io.EOF) && bytes.Equal(video.Bytes(), want), err)
}

func TestDownload_Errors(t *testing.T) {
	page := xiexustest.VideoFromBytes([]byte("<html>"))
	for name, test := range map[string]struct {
		delivery xiexustest.Delivery
		want     error
	}{
		"expired":    {xiexustest.Delivery{Status: 403}, xiexus.ErrLinkExpired},
		"refused":    {xiexustest.Delivery{Redirect: "http://169.254.169.254/a.mp4"}, xiexus.ErrAddressRefused},
		"a page":     {xiexustest.Delivery{Video: page}, xiexus.ErrUnexpectedResponse},
		"incomplete": {xiexustest.Delivery{ContentLength: 5000, Stall: true, Cuts: []int64{10, 10, 10, 10, 10}}, xiexus.ErrIncomplete},
		"checksum":   {xiexustest.Delivery{Header: http.Header{"Repr-Digest": {"sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"}}}, xiexus.ErrChecksum},
		"large":      {xiexustest.Delivery{Video: xiexustest.RandomVideo(1 << 20)}, xiexus.ErrResponseTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, task, _ := atCDN(t, test.delivery)
				_, err := client.Download(t.Context(), task, io.Discard, xiexus.WithMaxDownloadSize(10_000))
				var failed *xiexus.DownloadError
				check(t, errors.Is(err, test.want) && errors.As(err, &failed), err)
				check(t, failed.TaskID == "task" && failed.Partial == "" && failed.Received <= max(failed.Size, 0), failed)
			})
		})
	}
	client, task, _ := atCDN(t, xiexustest.Delivery{})
	task.Status = xiexus.StatusInProgress
	_, err := client.Download(t.Context(), task, io.Discard)
	check(t, errors.Is(err, xiexus.ErrNotCompleted), err)
}
