package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// stop stops the process, and returns once it has stopped.
func (p *process) stop(t *testing.T) {
	require.NoError(t, p.Process.Signal(syscall.SIGSTOP))
	for {
		var status syscall.WaitStatus
		_, err := syscall.Wait4(p.Process.Pid, &status, syscall.WUNTRACED, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		require.NoError(t, err)
		require.True(t, status.Stopped())
		return
	}
}

func (p *process) resume(t *testing.T) { require.NoError(t, p.Process.Signal(syscall.SIGCONT)) }

// heldVideo serves a video. The first response stops in the middle until release is called.
type heldVideo struct {
	halfway chan struct{} // closed when the first half has been sent
	release func()

	released chan struct{}
	lock     sync.Mutex
	ranges   []string // of the requests
}

// startHeldVideo starts a relay whose task "film" has the video.
func startHeldVideo(t *testing.T) *heldVideo {
	v := &heldVideo{halfway: make(chan struct{}), released: make(chan struct{})}
	v.release = sync.OnceFunc(func() { close(v.released) })
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	t.Cleanup(v.release)
	startRelay(t).Add("film", xiexustest.Completes(0, server.URL+"/film.mp4", xiexustest.Stored))
	return v
}

func (v *heldVideo) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	v.lock.Lock()
	v.ranges = append(v.ranges, req.Header.Get("Range"))
	isFirst := len(v.ranges) == 1
	v.lock.Unlock()
	content := io.NewSectionReader(xiexustest.RandomVideo(film), 0, film)
	w.Header().Set("Etag", `"film"`)
	w.Header().Set("Content-Type", "video/mp4")
	if !isFirst {
		http.ServeContent(w, req, "", time.Time{}, content)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(film))
	_, _ = io.CopyN(w, content, film/2)
	_ = http.NewResponseController(w).Flush()
	close(v.halfway)
	select {
	case <-v.released:
	case <-req.Context().Done():
	}
	_, _ = io.Copy(w, content)
}

// requests returns the ranges that were requested, in order.
func (v *heldVideo) requests() []string {
	v.lock.Lock()
	defer v.lock.Unlock()
	return v.ranges
}

// requireFilm checks that a directory contains the video, and nothing else.
func requireFilm(t *testing.T, dir string) {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	content, err := os.ReadFile(filepath.Join(dir, entries[0].Name()))
	require.NoError(t, err)
	require.True(t, bytes.Equal(filmBytes(t), content))
}

// requireHeld waits until a partial download has bytes that will not be requested again.
func requireHeld(t *testing.T, part string) {
	require.Eventually(t, func() bool {
		info, err := os.Stat(filepath.Join(part, "video"))
		return err == nil && info.Size() > film/4
	}, time.Minute, time.Millisecond)
}

func TestProcess_StoppedInAWait(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	var requests int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		status := "completed"
		if requests++; requests == 1 {
			close(asked)
			<-answer
			status = "in_progress"
		}
		_, _ = fmt.Fprintf(w, `{"task_id":"film","status":%q,"url":%q}`, status, video)
	}))
	defer server.Close()
	t.Setenv("XIEXUS_API_KEY", testKey)
	t.Setenv("XIEXUS_BASE_URL", server.URL)

	p := newProcess(t, "wait", "film", "--interval", "1s")
	require.NoError(t, p.Start())
	<-asked
	p.stop(t)
	close(answer)
	p.resume(t)
	got := p.end(t)
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "completed", got.lines(t)[0]["status"])
	require.Equal(t, 2, requests)
}

func TestProcess_StoppedInADownload(t *testing.T) {
	v := startHeldVideo(t)
	dir := t.TempDir()
	p := newProcess(t, "download", "film", "--dir", dir)
	require.NoError(t, p.Start())
	<-v.halfway
	p.stop(t)
	v.release()
	p.resume(t)
	got := p.end(t)
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, []string{""}, v.requests())
	requireFilm(t, dir)
}

func TestProcess_KilledInADownload(t *testing.T) {
	v := startHeldVideo(t)
	dir := t.TempDir()
	p := newProcess(t, "download", "film", "--dir", dir)
	require.NoError(t, p.Start())
	requireHeld(t, filepath.Join(dir, "film.mp4.part"))
	require.NoError(t, p.Process.Kill())
	require.Equal(t, -1, p.end(t).code)
	require.NoFileExists(t, filepath.Join(dir, "film.mp4"))

	got := newProcess(t, "download", "film", "--dir", dir).run(t)
	require.Equal(t, 0, got.code, got.err)
	requests := v.requests()
	require.Len(t, requests, 2)
	require.Regexp(t, `^bytes=[1-9]\d*-$`, requests[1], "it resumes")
	requireFilm(t, dir)
}

func TestProcess_TwoDownloadsOfOneFile(t *testing.T) {
	v := startHeldVideo(t)
	dir := t.TempDir()
	first := newProcess(t, "download", "film", "--dir", dir)
	require.NoError(t, first.Start())
	<-v.halfway
	got := newProcess(t, "download", "film", "--dir", dir).run(t)
	require.Equal(t, exitOther, got.code, got.err)
	require.Contains(t, got.err, "another download is in progress in ")
	require.Empty(t, got.out)

	v.release()
	got = first.end(t)
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, []string{""}, v.requests())
	requireFilm(t, dir)
}

func TestProcess_TwoRunsOfTheSameRequests(t *testing.T) {
	received, answer := make(chan struct{}, 9), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		received <- struct{}{}
		<-answer
		_, _ = io.WriteString(w, `{"task_id":"t","status":"queued"}`)
	}))
	defer server.Close()
	t.Setenv("XIEXUS_API_KEY", testKey)
	t.Setenv("XIEXUS_BASE_URL", server.URL)
	writeRequests(t, "a")

	first := newProcess(t, "create", "--requests", "requests.jsonl")
	require.NoError(t, first.Start())
	<-received
	got := newProcess(t, "create", "--requests", "requests.jsonl").run(t)
	require.Equal(t, exitUsage, got.code, got.err)
	require.Contains(t, got.err, "requests.jsonl.results: locked by another process: the same requests may be being submitted")
	close(answer)
	got = first.end(t)
	require.Equal(t, 0, got.code, got.err)
	require.Empty(t, received, "a second POST")
	require.Equal(t, "created", states(t))
}
