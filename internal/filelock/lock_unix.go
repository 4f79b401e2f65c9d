//go:build unix && !aix && !solaris

package filelock

import (
	"errors"
	"os"
	"syscall"
)

// NoFollow is a flag for [os.OpenFile] that makes opening a symbolic link an error.
const NoFollow = syscall.O_NOFOLLOW

// Open opens a file for reading and writing, creates it with perm if need be, and locks it
// until it is closed, if only by a crash. It returns [ErrBusy] if another process, or another
// file of this one, holds the lock. On a file system without locks, locked is false, and nothing
// prevents another process from opening the file too.
func Open(name string, perm os.FileMode) (file *os.File, locked bool, err error) {
	file, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|NoFollow, perm)
	if err != nil {
		return nil, false, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case err == nil:
		return file, true, nil
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK): // not on this file system
		return file, false, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		err = ErrBusy
	}
	_ = file.Close()
	return nil, false, err
}
