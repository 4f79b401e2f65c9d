// This file becomes part of package time when .ci/clock builds.

package time

import "syscall"

// clockJumpAt is the moment of the monotonic clock when the wall clock is set, and clockJumpBy
// by how many seconds. The variable is "<when, since the start> <by how much>".
var clockJumpAt, clockJumpBy = parseClockJump()

func parseClockJump() (at, by int64) {
	value, found := syscall.Getenv("XIEXUS_TEST_CLOCK_JUMP")
	if !found {
		return 1<<63 - 1, 0
	}
	for i := range value {
		if value[i] == ' ' {
			when, err := ParseDuration(value[:i])
			jump, err2 := ParseDuration(value[i+1:])
			if err == nil && err2 == nil {
				return runtimeNano() + int64(when), int64(jump / Second)
			}
		}
	}
	panic("XIEXUS_TEST_CLOCK_JUMP is invalid: " + value)
}

// clockJump returns by how many seconds the wall clock is wrong. The first calls come before
// the variables are set.
func clockJump(mono int64) int64 {
	if mono < clockJumpAt {
		return 0
	}
	return clockJumpBy
}
