package download

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// errBusy means that another transfer is writing the same file.
var errBusy = errors.New("another download is writing the file")

// acquire locks the part folder until f is closed. A transfer that completes removes
// the folder: then it is created again.
func (f *file) acquire() error {
	const attempts = 100
	for range attempts {
		if locked, err := f.tryAcquire(); locked || err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: %q", errBusy, f.path)
}

// tryAcquire returns false if the folder was removed meanwhile.
func (f *file) tryAcquire() (bool, error) {
	if err := os.Mkdir(f.folder(), 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return false, targetError(err)
	}
	if err := f.checkPart(); err != nil {
		return false, err
	}
	locked, err := f.lock.TryLock()
	switch {
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK): // on this file system
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, targetError(err)
	case !locked:
		return false, fmt.Errorf("%w: %q", errBusy, f.path)
	}
	held, err := f.lock.Stat()
	current, err2 := os.Stat(f.lock.Path())
	if err == nil && err2 == nil && os.SameFile(held, current) {
		return true, nil
	}
	return false, targetError(f.lock.Unlock())
}

// checkPart returns an error for a part folder that is not a folder, or has links in it:
// where others can write to it, they could lead anywhere.
func (f *file) checkPart() error {
	if info, err := os.Lstat(f.folder()); err == nil && !info.IsDir() {
		return fmt.Errorf("%w: %q exists and is not a folder", ErrTarget, f.folder())
	}
	for _, name := range []string{videoName, stateName, stateName + newSuffix, lockName} {
		if info, err := os.Lstat(f.part(name)); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%w: %q exists and is not a regular file", ErrTarget, f.part(name))
		}
	}
	return nil
}
