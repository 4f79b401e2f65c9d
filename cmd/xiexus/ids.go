package main

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

// idSource is what the arguments of a command say about task ids, in order.
type idSource []idPart

// idPart is an id, or where ids are read from.
type idPart struct {
	id   string
	from io.Reader
	name string // of from, for errors
}

const idsHelp = `An id may also be "-" for ids on standard input, or @FILE for those in a file,
one or more a line.`

var errNoIDs = usageError{errors.New("no task id was given")}

// needsIDs is the rule for the arguments of commands that take ids.
func needsIDs(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New(`give a task id; or "-" for ids on standard input, or @FILE`)
	}
	return nil
}

// idSource finds the ids of a command line: an argument is one itself, or "-"
// for standard input, or "@FILE" for a file. Files are opened here, so that one
// that is missing is told before anything is sent; nothing is read yet.
func (a *app) idSource(args []string) (idSource, error) {
	var source idSource
	for _, arg := range args {
		part := idPart{id: arg}
		if name, isFile := strings.CutPrefix(arg, "@"); isFile {
			file, err := openFile(name)
			if err != nil {
				return nil, usageError{err}
			}
			part = idPart{from: file, name: name}
		} else if arg == "-" {
			part = idPart{from: a.in, name: "standard input"}
		}
		source = append(source, part)
	}
	return source, nil
}

// openFile also refuses a directory, which otherwise only reading would.
func openFile(name string) (*os.File, error) {
	if name == "" {
		return nil, errors.New(`"@" needs a file's name behind it`)
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

// single reports whether the source is one id and no more.
func (s idSource) single() bool { return len(s) == 1 && s[0].from == nil }

// typed returns the ids if all are there already, and none has yet to be read.
func (s idSource) typed() []string {
	var ids []string
	for _, part := range s {
		if part.from != nil {
			return nil
		}
		ids = append(ids, part.id)
	}
	return ids
}

// reads reports whether the source reads in.
func (s idSource) reads(in io.Reader) bool {
	for _, part := range s {
		if part.from == in {
			return true
		}
	}
	return false
}

// all yields the ids as they come, and an error for what could not be read.
func (s idSource) all() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, part := range s {
			if !part.each(yield) {
				return
			}
		}
	}
}

// each reports whether to go on after it.
func (p idPart) each(yield func(string, error) bool) bool {
	if p.from == nil {
		return yield(p.id, nil)
	}
	if file, ok := p.from.(*os.File); ok && file != os.Stdin {
		defer func() { _ = file.Close() }()
	}
	words := bufio.NewScanner(p.from)
	words.Split(bufio.ScanWords)
	for words.Scan() {
		if !yield(strings.TrimPrefix(words.Text(), "\ufeff"), nil) { // some editors begin a file so
			return false
		}
	}
	if err := words.Err(); err != nil {
		return yield("", fmt.Errorf("read the ids from %s: %w", p.name, err))
	}
	return true
}

// list returns all ids, once they have come. When ctx ends first, the reading is
// left behind: nothing can interrupt it, and the command is over.
func (s idSource) list(ctx context.Context) ([]string, error) {
	var ids []string
	read := make(chan error, 1)
	go func() {
		for id, err := range s.all() {
			if err != nil {
				read <- err
				return
			}
			ids = append(ids, id)
		}
		read <- nil
	}()
	select {
	case err := <-read:
		if err == nil && len(ids) == 0 {
			err = errNoIDs
		}
		return ids, err
	case <-ctx.Done():
		return nil, interruptedError{}
	}
}
