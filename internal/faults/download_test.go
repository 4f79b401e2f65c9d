package faults_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// finished returns a task whose video is on the CDN.
func (w *world) finished() *xiexus.Task {
	task := &xiexus.Task{}
	task.TaskID, task.Status, task.URL = "task_1", xiexus.StatusCompleted, w.scheme+"://"+cdnHost+"/v.mp4"
	return task
}

// download writes a video. Without an error it is the video, and with one a prefix of it.
func download(ctx context.Context, w *world) string {
	var written bytes.Buffer
	n, err := w.client.Download(ctx, w.finished(), &written, xiexus.WithMaxDownloadSize(maxSize))
	require.EqualValues(w, written.Len(), n)
	if errors.Is(err, xiexus.ErrResponseTooLarge) { // the video is longer than its sample
		written.Truncate(min(written.Len(), int(xiexustest.SampleVideo().Size)))
	}
	if err != nil {
		w.requireVideo(written.Bytes())
		return kindOf(err)
	}
	return "ok" + w.requireVideo(written.Bytes())
}

// downloadFile saves a video and says what is on disk afterwards.
func downloadFile(ctx context.Context, w *world) string {
	path := filepath.Join(w.dir, "v.mp4")
	_, err := w.client.DownloadFile(ctx, w.finished(), path, xiexus.WithMaxDownloadSize(maxSize))
	names := w.onDisk()
	if err != nil {
		require.NotContains(w, names, "v.mp4", "an incomplete video")
		return kindOf(err) + keeps(names)
	}
	require.Equal(w, []string{"v.mp4"}, names)
	saved, err := os.ReadFile(path)
	require.NoError(w, err)
	return "ok" + w.requireVideo(saved)
}

// requireVideo checks that what was received is a video, or the start of one, and says so if
// it is a newer one or not all.
func (w *world) requireVideo(received []byte) string {
	switch {
	case bytes.Equal(received, sample()):
		return ""
	case bytes.Equal(received, newer()):
		return ", the newer one"
	}
	require.True(w, bytes.HasPrefix(sample(), received) || bytes.HasPrefix(newer(), received), "bytes of several videos")
	return ", a part"
}

// keeps says whether a later call resumes the download.
func keeps(names []string) string {
	if len(names) > 0 {
		return ", resumable"
	}
	return ""
}

func (w *world) onDisk() []string {
	entries, err := os.ReadDir(w.dir)
	require.NoError(w, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
