package download

import (
	"errors"
	"os"
	"syscall"
)

// noFollow is nothing here: creating symbolic links takes a privilege.
const noFollow = 0

// openLocked opens a file that nobody else can open until it is closed, if only by a
// crash. It returns errBusy if another process, or another file of this one, has it open.
func openLocked(name string) (*os.File, error) {
	const sharingViolation = syscall.Errno(32)
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	handle, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case errors.Is(err, sharingViolation):
		return nil, errBusy
	case err != nil:
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(handle), name), nil
}
