package download

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// errBusy means that another transfer is writing the same file.
var errBusy = errors.New("another download is writing the file")

// acquire locks the part folder until f is closed. A transfer that completes removes
// the folder: then it is created again.
func (f *file) acquire() error {
	const attempts = 100
	for range attempts {
		if err := os.Mkdir(f.folder(), 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return targetError(err)
		}
		if err := f.checkPart(); err != nil {
			return err
		}
		lock, err := openLocked(f.part(lockName))
		switch {
		case errors.Is(err, fs.ErrNotExist): // the folder was removed meanwhile
			continue
		case errors.Is(err, errBusy):
			return fmt.Errorf("%w: %q", errBusy, f.path)
		case err != nil:
			return targetError(err)
		}
		if isNamed(lock) {
			f.lock = lock
			return nil
		}
		_ = lock.Close()
	}
	return fmt.Errorf("%w: %q", errBusy, f.path)
}

// isNamed reports whether a file is still the one under its name.
func isNamed(file *os.File) bool {
	opened, err := file.Stat()
	named, err2 := os.Stat(file.Name())
	return err == nil && err2 == nil && os.SameFile(opened, named)
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
