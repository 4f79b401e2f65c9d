package screen

import (
	"io"
	"os"
	"runtime"

	"golang.org/x/term"
)

// Terminal is a terminal that bars can be drawn on. A nil *Terminal means that there
// is none.
type Terminal struct {
	// Out writes to the terminal.
	Out io.Writer
	// Columns is the width of the terminal, or 0 to query Out.
	Columns int
	// Rows returns the current height of the terminal.
	Rows func() int
}

// NewTerminal returns the terminal behind out. It returns nil if out is not a
// terminal, or is one that cannot move its cursor or does not report its size.
func NewTerminal(out io.Writer) *Terminal {
	if !IsTerminal(out) || os.Getenv("TERM") == "dumb" {
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
	return &Terminal{Out: out, Rows: rows}
}

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Shows reports whether output written to out appears on the terminal.
func (t *Terminal) Shows(out io.Writer) bool {
	switch {
	case t == nil:
		return false
	case out == t.Out:
		return true
	case !IsTerminal(out):
		return false
	case runtime.GOOS == "windows":
		return true // a process has only one console
	}
	return sameFile(out, t.Out)
}

// ColumnsOf returns the width of the terminal that shows what is written to out, or 0 if
// there is none.
func (t *Terminal) ColumnsOf(out io.Writer) int {
	if t.Shows(out) && t.Columns > 0 {
		return t.Columns
	}
	if !IsTerminal(out) {
		return 0
	}
	columns, _, _ := term.GetSize(int(out.(*os.File).Fd()))
	return columns
}

func sameFile(a, b io.Writer) bool {
	infoA, okA := stat(a)
	infoB, okB := stat(b)
	return okA && okB && os.SameFile(infoA, infoB)
}

func stat(out io.Writer) (os.FileInfo, bool) {
	file, ok := out.(*os.File)
	if !ok {
		return nil, false
	}
	info, err := file.Stat()
	return info, err == nil
}
