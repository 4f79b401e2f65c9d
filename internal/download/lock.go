package download

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// errBusy means that another transfer has locked the part folder.
var errBusy = errors.New("another download is using the folder")

// lock creates and locks the part folder, until the returned file is closed. A transfer
// that completes removes the folder: then it is created again.
func (p partFolder) lock() (*os.File, error) {
	const attempts = 100
	for range attempts {
		if err := os.Mkdir(string(p), 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, targetError(err)
		}
		if err := p.check(); err != nil {
			return nil, err
		}
		lock, err := openLocked(p.file(lockName))
		switch {
		case errors.Is(err, fs.ErrNotExist): // the folder was removed meanwhile
			continue
		case errors.Is(err, errBusy):
			return nil, fmt.Errorf("%w: %q", errBusy, p)
		case err != nil:
			return nil, targetError(err)
		}
		if isNamed(lock) {
			return lock, nil
		}
		_ = lock.Close()
	}
	return nil, fmt.Errorf("%w: %q", errBusy, p)
}

// isNamed reports whether a file is still the one under its name.
func isNamed(file *os.File) bool {
	opened, err := file.Stat()
	named, err2 := os.Stat(file.Name())
	return err == nil && err2 == nil && os.SameFile(opened, named)
}

// check returns an error for a part folder that is not a folder, or has links in it:
// where others can write to it, they could lead anywhere.
func (p partFolder) check() error {
	if info, err := os.Lstat(string(p)); err == nil && !info.IsDir() {
		return fmt.Errorf("%w: %q exists and is not a folder", ErrTarget, p)
	}
	for _, name := range []string{videoName, stateName, stateName + newSuffix, lockName} {
		if info, err := os.Lstat(p.file(name)); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%w: %q exists and is not a regular file", ErrTarget, p.file(name))
		}
	}
	return nil
}
