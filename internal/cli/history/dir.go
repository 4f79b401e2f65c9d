package history

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Env is the environment variable with the directory of the history, or "off" (also "false" or
// "0").
const Env = "XIEXUS_HISTORY"

// ErrOff means that no history is kept.
var ErrOff = errors.New("the history is off")

// Dir returns the directory of the history. It returns [ErrOff] if [Env] is "off", or if it
// is not set in a CI job, whose machine is soon gone.
func Dir() (string, error) {
	switch dir := os.Getenv(Env); {
	case isOff(dir):
		return "", ErrOff
	case filepath.IsAbs(dir):
		return dir, nil
	case dir != "":
		return "", errors.New(Env + ` must be "off" or the absolute path of a directory`)
	case inCI():
		return "", ErrOff
	}
	dir, err := stateDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "xiexus", "history"), nil
}

// isOff reports whether a variable turns something off.
func isOff(value string) bool {
	return value == "0" || strings.EqualFold(value, "off") || strings.EqualFold(value, "false")
}

// inCI reports whether this is a job of a CI system: all of them set the variable CI.
func inCI() bool {
	ci := os.Getenv("CI")
	return ci != "" && !isOff(ci)
}

// stateDir returns the directory for what programs remember, as the XDG Base Directory
// Specification and the other systems have it.
func stateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	switch runtime.GOOS {
	case "windows":
		return os.UserCacheDir() // %LocalAppData%
	case "darwin", "ios":
		return os.UserConfigDir() // ~/Library/Application Support
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "state"), err
}
