// Package taskids reads the task IDs that a command line names.
package taskids

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/xiexus/xiexus-go/internal/textfile"
)

// Help describes the arguments, for the help of commands.
const Help = `Use "-" in place of an ID to read IDs from standard input, or @FILE to read them
from a file, separated by whitespace. A word that begins with "#" begins a comment,
which ends with its line.`

// Source is the task IDs that the arguments of a command name, in order.
type Source []part

// part is an ID, a stream to read IDs from, or a sequence of them.
type part struct {
	id   string
	from io.Reader
	name string // of from, for errors
	ids  iter.Seq[string]
}

// InvalidError is an error that the user has to correct.
type InvalidError struct{ reason error }

// Error describes what is wrong.
func (e *InvalidError) Error() string { return e.reason.Error() }

// Unwrap returns the reason.
func (e *InvalidError) Unwrap() error { return e.reason }

// Of returns a source of one ID.
func Of(id string) Source { return Source{{id: id}} }

// Each returns a source of the IDs of a sequence.
func Each(ids iter.Seq[string]) Source { return Source{{ids: ids}} }

// Parse parses the arguments of a command. It opens files, so that a missing one, and one
// that is not text, is reported before anything is sent.
func Parse(args []string, stdin io.Reader) (Source, error) {
	var source Source
	for _, arg := range args {
		p := part{id: arg}
		if name, isFile := strings.CutPrefix(arg, "@"); isFile {
			file, err := openFile(name)
			if err == nil {
				err = textfile.Check(file)
			}
			if err != nil {
				return nil, &InvalidError{err}
			}
			p = part{from: file, name: name}
		} else if arg == "-" {
			p = part{from: stdin, name: "standard input"}
		} else if err := checkID(arg); err != nil {
			return nil, &InvalidError{err}
		}
		source = append(source, p)
	}
	return source, nil
}

// isID reports whether the part is one ID.
func (p part) isID() bool { return p.from == nil && p.ids == nil }

// openFile opens a file that is not a directory.
func openFile(name string) (*os.File, error) {
	if name == "" {
		return nil, errors.New(`"@" must be followed by the name of a file`)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		_ = file.Close()
		return nil, fmt.Errorf("%s is a directory", name)
	}
	return file, nil
}

// Single reports whether the source is exactly one ID.
func (s Source) Single() bool { return len(s) == 1 && s[0].isID() }

// Known returns the IDs, or nil if any have yet to be read.
func (s Source) Known() []string {
	var ids []string
	for _, part := range s {
		if !part.isID() {
			return nil
		}
		ids = append(ids, part.id)
	}
	return ids
}

// ReadsFrom reports whether the source reads IDs from a stream.
func (s Source) ReadsFrom(in io.Reader) bool {
	for _, part := range s {
		if part.from == in {
			return true
		}
	}
	return false
}

// All yields the IDs as they are read, and an error for each stream that cannot
// be read to its end.
func (s Source) All() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, part := range s {
			if !part.each(yield) {
				return
			}
		}
	}
}

// each reports whether the caller wants more IDs.
func (p part) each(yield func(string, error) bool) bool {
	if p.ids != nil {
		for id := range p.ids {
			if !yield(id, nil) {
				return false
			}
		}
		return true
	}
	if p.from == nil {
		return yield(p.id, nil)
	}
	if file, ok := p.from.(*os.File); ok && file != os.Stdin {
		defer func() { _ = file.Close() }()
	}
	ids := bufio.NewScanner(textfile.NewReader(p.from))
	ids.Split(splitIDs())
	for ids.Scan() {
		id := ids.Text()
		if err := checkID(id); err != nil {
			return yield("", &InvalidError{fmt.Errorf("%s: %w", p.name, err)})
		}
		if !yield(id, nil) {
			return false
		}
	}
	err := ids.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		return yield("", &InvalidError{fmt.Errorf("%s: a word is longer than any task ID; separate task IDs by spaces or line breaks", p.name)})
	}
	if err != nil {
		return yield("", fmt.Errorf("read task IDs from %s: %w", p.name, err))
	}
	return true
}
