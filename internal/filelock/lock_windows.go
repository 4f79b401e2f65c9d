package filelock

import (
	"errors"
	"os"
	"syscall"
)

// NoFollow is nothing here: creating symbolic links takes a privilege.
const NoFollow = 0

// Open opens a file for reading and writing, and creates it if need be. Nobody else can open
// it until it is closed, if only by a crash. It returns [ErrBusy] if another process, or
// another file of this one, has it open. Otherwise locked is true. The permissions are those of
// the directory.
func Open(name string, _ os.FileMode) (file *os.File, locked bool, err error) {
	const sharingViolation = syscall.Errno(32)
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, false, err
	}
	handle, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case errors.Is(err, sharingViolation):
		return nil, false, ErrBusy
	case err != nil:
		return nil, false, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(handle), name), true, nil
}
