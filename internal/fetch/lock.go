package fetch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ErrBusy is a file that another transfer is writing at the moment.
var ErrBusy = errors.New("another download is writing it")

// acquire keeps other transfers out for as long as f is open. One that comes to
// its end removes the folder: then it is made anew.
func (f *File) acquire() error {
	const tries = 100
	for range tries {
		switch held, err := f.tryAcquire(); {
		case err != nil:
			return err
		case held:
			return nil
		}
	}
	return fmt.Errorf("%w: %q", ErrBusy, f.path)
}

// tryAcquire reports false if the lock went away.
func (f *File) tryAcquire() (bool, error) {
	if err := os.Mkdir(f.folder(), 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return false, targetError(err)
	}
	if err := checkPart(f.folder()); err != nil {
		return false, err
	}
	locked, err := f.lock.TryLock()
	switch {
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK): // by this file system
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, targetError(err)
	case !locked:
		return false, fmt.Errorf("%w: %q", ErrBusy, f.path)
	}
	held, err := f.lock.Stat()
	there, err2 := os.Stat(f.lock.Path())
	if err == nil && err2 == nil && os.SameFile(held, there) {
		return true, nil
	}
	return false, targetError(f.lock.Unlock())
}

// checkPart refuses a folder that is none, or holds links: in a folder that others
// may write to, they could lead anywhere.
func checkPart(folder string) error {
	info, err := os.Lstat(folder)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%w: %q is in the way, and no folder", ErrTarget, folder)
	}
	for _, name := range []string{videoName, stateName, stateName + newSuffix, lockName} {
		name = filepath.Join(folder, name)
		if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%w: %q is in the way, and no regular file", ErrTarget, name)
		}
	}
	return nil
}
