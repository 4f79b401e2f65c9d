// Package seccomp makes system calls fail, so that tests can have file systems that lack
// something.
package seccomp

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Deny makes a system call fail on the current thread, and in the processes that it starts,
// for as long as they exist. The caller locks its goroutine to the thread and does not unlock
// it: then the thread ends with the goroutine. It takes no privilege, but a kernel with seccomp
// filters.
func Deny(call uint32, errno syscall.Errno) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl PR_SET_NO_NEW_PRIVS", err)
	}
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // the number of the system call
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: call},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0)
	return os.NewSyscallError("prctl PR_SET_SECCOMP", err)
}
