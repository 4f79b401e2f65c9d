//go:build !windows && (!unix || aix || solaris)

package filelock

import "os"

// NoFollow is not known here.
const NoFollow = 0

// Open opens a file for reading and writing, and creates it with perm if need be. There are
// no locks on this system: locked is false, and nothing prevents another process from opening
// the file too.
func Open(name string, perm os.FileMode) (file *os.File, locked bool, err error) {
	file, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE, perm)
	return file, false, err
}
