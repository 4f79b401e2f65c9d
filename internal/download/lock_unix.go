//go:build unix && !aix && !solaris

package download

import (
	"errors"
	"os"
	"syscall"
)

// noFollow makes opening a symbolic link an error.
const noFollow = syscall.O_NOFOLLOW

// openLocked opens a file and locks it until it is closed, if only by a crash. It returns
// errBusy if another process, or another file of this one, holds the lock.
func openLocked(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|noFollow, 0o666)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case err == nil, errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK): // not on this file system
		return file, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		err = errBusy
	}
	_ = file.Close()
	return nil, err
}
