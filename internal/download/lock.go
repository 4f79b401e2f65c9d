package download

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/xiexus/xiexus-go/internal/filelock"
)

// errBusy means that another transfer has locked the part directory.
var errBusy = errors.New("another download is in progress")

// lock creates and locks the part directory, until the returned file is closed. A transfer
// that completes removes the directory: then it is created again. On a file system without
// locks, nothing keeps out another transfer.
func (p partDir) lock() (*os.File, error) {
	const attempts = 100
	for range attempts {
		if err := os.Mkdir(string(p), 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, targetError(err)
		}
		if err := p.check(); err != nil {
			return nil, err
		}
		lock, _, err := filelock.Open(p.file(lockName), 0o666)
		switch {
		case errors.Is(err, fs.ErrNotExist): // the directory was removed meanwhile
			continue
		case errors.Is(err, filelock.ErrBusy):
			return nil, fmt.Errorf("%w in %q", errBusy, p)
		case err != nil:
			return nil, targetError(err)
		}
		if isNamed(lock) {
			return lock, nil
		}
		_ = lock.Close()
	}
	return nil, fmt.Errorf("%w in %q", errBusy, p)
}

// isNamed reports whether a file still has its name.
func isNamed(file *os.File) bool {
	opened, err := file.Stat()
	named, err2 := os.Stat(file.Name())
	return err == nil && err2 == nil && os.SameFile(opened, named)
}

// check returns an error for a part directory that is not a directory, or has links in it:
// if others can write to it, the links could point anywhere.
func (p partDir) check() error {
	if info, err := os.Lstat(string(p)); err == nil && !info.IsDir() {
		return fmt.Errorf("%w: %q is not a directory", ErrTarget, p)
	}
	for _, name := range []string{videoName, stateName, stateName + newSuffix, lockName} {
		if info, err := os.Lstat(p.file(name)); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%w: %q is not a regular file", ErrTarget, p.file(name))
		}
	}
	return nil
}
