// Package filelock opens files for one process at a time.
package filelock

import "errors"

// ErrBusy means that somebody else has locked the file.
var ErrBusy = errors.New("locked by another process")
