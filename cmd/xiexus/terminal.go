package main

import (
	"io"
	"os"
	"runtime"

	"golang.org/x/term"
)

// terminal is a screen that bars can be drawn on.
type terminal struct {
	out     io.Writer
	columns int // 0 if out itself says
	rows    func() int
}

// terminalOf returns the terminal behind out, or nil if there is none, or one
// that cannot move its cursor or does not know its size.
func terminalOf(out io.Writer) *terminal {
	if !isTerminal(out) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	fd := int(out.(*os.File).Fd())
	rows := func() int {
		_, rows, err := term.GetSize(fd)
		if err != nil {
			return 0
		}
		return rows
	}
	if rows() == 0 {
		return nil
	}
	return &terminal{out: out, rows: rows}
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// shows reports whether what is written to out is seen on the terminal.
func (t *terminal) shows(out io.Writer) bool {
	switch {
	case t == nil:
		return false
	case out == t.out:
		return true
	case !isTerminal(out):
		return false
	case runtime.GOOS == "windows":
		return true // a process has one console
	}
	return sameFile(out, t.out)
}

func sameFile(a, b io.Writer) bool {
	one, err := a.(*os.File).Stat()
	if err != nil {
		return false
	}
	file, ok := b.(*os.File)
	if !ok {
		return false
	}
	other, err := file.Stat()
	return err == nil && os.SameFile(one, other)
}
