package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// idSource is the task IDs that the arguments of a command name, in order.
type idSource []idPart

// idPart is an ID, a stream to read IDs from, or a sequence of them.
type idPart struct {
	id   string
	from io.Reader
	name string // of from, for errors
	ids  iter.Seq[string]
}

// isID reports whether the part is one ID.
func (p idPart) isID() bool { return p.from == nil && p.ids == nil }

const idsHelp = `Use "-" in place of an ID to read IDs from standard input, or @FILE to read them
from a file, separated by whitespace. A word that begins with "#" begins a comment,
which ends with its line.`

var errNoIDs = usageError{errors.New("no task IDs given")}

// requireIDs checks the arguments of commands that take IDs.
func requireIDs(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New(`no task IDs: give at least one, "-" for standard input, or @FILE`)
	}
	return nil
}

// idSource parses the arguments of a command. It opens files, so that a missing one, and
// one that is not text, is reported before anything is sent.
func (a *app) idSource(args []string) (idSource, error) {
	var source idSource
	for _, arg := range args {
		part := idPart{id: arg}
		if name, isFile := strings.CutPrefix(arg, "@"); isFile {
			file, err := openFile(name)
			if err == nil {
				err = checkText(file)
			}
			if err != nil {
				return nil, usageError{err}
			}
			part = idPart{from: file, name: name}
		} else if arg == "-" {
			part = idPart{from: a.In, name: "standard input"}
		} else if err := checkID(arg); err != nil {
			return nil, usageError{err}
		}
		source = append(source, part)
	}
	return source, nil
}

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

// single reports whether the source is exactly one ID.
func (s idSource) single() bool { return len(s) == 1 && s[0].isID() }

// known returns the IDs, or nil if any have yet to be read.
func (s idSource) known() []string {
	var ids []string
	for _, part := range s {
		if !part.isID() {
			return nil
		}
		ids = append(ids, part.id)
	}
	return ids
}

// readsFrom reports whether the source reads IDs from a stream.
func (s idSource) readsFrom(in io.Reader) bool {
	for _, part := range s {
		if part.from == in {
			return true
		}
	}
	return false
}

// all yields the IDs as they are read, and an error for each stream that cannot
// be read to its end.
func (s idSource) all() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, part := range s {
			if !part.each(yield) {
				return
			}
		}
	}
}

// each reports whether the caller wants more IDs.
func (p idPart) each(yield func(string, error) bool) bool {
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
	ids := bufio.NewScanner(textReader(p.from))
	ids.Split(splitIDs())
	for ids.Scan() {
		id := ids.Text()
		if err := checkID(id); err != nil {
			return yield("", usageError{fmt.Errorf("%s: %w", p.name, err)})
		}
		if !yield(id, nil) {
			return false
		}
	}
	if err := ids.Err(); err != nil {
		return yield("", fmt.Errorf("read task IDs from %s: %w", p.name, err))
	}
	return true
}

// list reads all IDs.
func (s idSource) list(ctx context.Context) ([]string, error) {
	ids, err := read(ctx, func() ([]string, error) {
		var ids []string
		for id, err := range s.all() {
			if err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
		return ids, nil
	})
	if err == nil && len(ids) == 0 {
		err = errNoIDs
	}
	return ids, err
}
