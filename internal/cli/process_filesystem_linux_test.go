package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/cli/history"
	"github.com/xiexus/xiexus-go/internal/seccomp"
	"github.com/xiexus/xiexus-go/xiexustest"
	"golang.org/x/sys/unix"
)

// denial is a system call and the error that it fails with.
type denial struct {
	call  uint32
	errno syscall.Errno
}

// runDenied runs the process on a kernel that denies it a system call.
func (p *process) runDenied(t *testing.T, denied denial) result {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := seccomp.Deny(denied.call, denied.errno)
		if err == nil {
			err = p.Start()
		}
		started <- err
	}()
	require.NoError(t, <-started)
	return p.end(t)
}

// What file systems lack, with the errors that are known of them.
var (
	withoutLinks = []denial{
		{unix.SYS_LINKAT, unix.EPERM}, {unix.SYS_LINKAT, unix.EOPNOTSUPP}, {unix.SYS_LINKAT, unix.ENOSYS}, {unix.SYS_LINKAT, unix.EMLINK},
	}
	withoutLocks = []denial{
		{unix.SYS_FLOCK, unix.ENOLCK}, {unix.SYS_FLOCK, unix.EOPNOTSUPP}, {unix.SYS_FLOCK, unix.ENOSYS},
	}
	withoutSync = []denial{{unix.SYS_FSYNC, unix.EINVAL}, {unix.SYS_FSYNC, unix.EIO}}
)

// onEach runs a test on each kind of file system.
func onEach(t *testing.T, name string, denials []denial, test func(*testing.T, denial)) {
	for _, d := range denials {
		t.Run(name+"/"+unix.ErrnoName(d.errno), func(t *testing.T) { test(t, d) })
	}
}

func onAll(t *testing.T, test func(*testing.T, denial)) {
	onEach(t, "without links", withoutLinks, test)
	onEach(t, "without locks", withoutLocks, test)
	onEach(t, "without sync", withoutSync, test)
}

func TestProcess_DownloadsOnAnyFileSystem(t *testing.T) {
	onAll(t, func(t *testing.T, denied denial) {
		relay, cdn, url := startCDN(t)
		relay.Add("film", xiexustest.Completes(0, url, xiexustest.Stored))
		dir := t.TempDir()
		download := func(flags ...string) *process {
			return newProcess(t, append([]string{"download", "film", "--dir", dir}, flags...)...)
		}

		full := download()
		full.limit("ulimit -f 500")
		got := full.runDenied(t, denied)
		require.Equal(t, exitOther, got.code, got.err)
		require.Contains(t, got.err, "; partial data is kept in ")
		require.NoFileExists(t, filepath.Join(dir, "film.mp4"))

		got = download().runDenied(t, denied)
		require.Equal(t, 0, got.code, got.err)
		require.NotEmpty(t, cdn.Requests()[1].Header.Get("Range"), "it resumes")
		requireFilm(t, dir)

		old := filepath.Join(dir, "film.mp4")
		require.NoError(t, os.WriteFile(old, []byte("old"), 0o600))
		got = download().runDenied(t, denied)
		require.Equal(t, exitOther, got.code, got.err)
		require.Contains(t, got.err, "file already exists; use --force to replace it")
		content, err := os.ReadFile(old)
		require.NoError(t, err)
		require.Equal(t, "old", string(content))

		got = download("--force").runDenied(t, denied)
		require.Equal(t, 0, got.code, got.err)
		requireFilm(t, dir)
	})
}

func TestProcess_KeepsAHistoryOnAnyFileSystem(t *testing.T) {
	onAll(t, func(t *testing.T, denied denial) {
		relay := startRelay(t)
		dir := t.TempDir()
		t.Setenv(history.Env, dir)
		got := newProcess(t, "create", "-m", "m", "-p", "a").runDenied(t, denied)
		require.Equal(t, 0, got.code, got.err)
		require.Len(t, relay.Created(), 1)
		id := relay.Created()[0]
		require.Equal(t, id, got.lines(t)[0]["task_id"])

		list := newProcess(t, "list").runDenied(t, denied)
		require.Equal(t, 0, list.code, list.err)
		if denied.call == unix.SYS_FSYNC {
			require.Contains(t, got.err, `warning: this task will not be in "xiexus list": sync `)
			return
		}
		require.Contains(t, list.out, id)
	})
}

func TestProcess_SubmitsRequestsOnceOnFileSystemsWithoutLinks(t *testing.T) {
	onEach(t, "without links", withoutLinks, func(t *testing.T, denied denial) {
		prompts := recordPrompts(startRelay(t))
		writeRequests(t, "a", "b")
		for range 2 {
			got := newProcess(t, "create", "--requests", "requests.jsonl").runDenied(t, denied)
			require.Equal(t, 0, got.code, got.err)
			require.ElementsMatch(t, []string{"a", "b"}, prompts())
		}
	})
}

// Nothing would keep another process from submitting the same requests, or a power failure
// from losing what was submitted.
func TestProcess_SubmitsNothingWithoutLocksOrSync(t *testing.T) {
	test := func(t *testing.T, denied denial) {
		relay := startRelay(t)
		prompts := recordPrompts(relay)
		writeRequests(t, "a", "b")
		got := newProcess(t, "create", "--requests", "requests.jsonl").runDenied(t, denied)
		require.Equal(t, exitUsage, got.code, got.err)
		want := "requests.jsonl.results: the file system has no locks, and another process could submit the same requests"
		if denied.call == unix.SYS_FSYNC {
			want = "sync requests.jsonl.results: " + denied.errno.Error()
		}
		require.Equal(t, "xiexus: --results: "+want+"; use a file on another file system\n", got.err)
		require.Empty(t, relay.Requests())

		require.Equal(t, 0, createRequests(t).code)
		require.ElementsMatch(t, []string{"a", "b"}, prompts(), "nothing is uncertain")
	}
	onEach(t, "without locks", withoutLocks, test)
	onEach(t, "without sync", withoutSync, test)
}
