//go:build !unix

package cli

import "os/exec"

// ownGroup does nothing: only Unix has groups of processes.
func ownGroup(*exec.Cmd) {}
