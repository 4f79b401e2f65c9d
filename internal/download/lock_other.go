//go:build !windows && (!unix || aix || solaris)

package download

import "os"

// noFollow is not known here.
const noFollow = 0

// openLocked opens a file. There are no locks on this system, so nothing prevents two
// downloads to the same file.
func openLocked(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
}
