package engine_test

import (
	"errors"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/seccomp"
)

// Two servers that write to the same store would destroy it.
func TestOpen_RefusesFileSystemsWithoutLocks(t *testing.T) {
	store := t.TempDir()
	opened := make(chan error)
	go func() {
		runtime.LockOSThread()
		denied := seccomp.Deny(syscall.SYS_FLOCK, syscall.ENOLCK)
		_, err := open(t, store, "fleet", 0)
		opened <- errors.Join(denied, err)
	}()
	require.EqualError(t, <-opened, store+": the file system has no locks, and two processes could write to the store; use a directory on another file system")
}
