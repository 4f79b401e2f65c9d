package main

import (
	"fmt"
)

// failures collects what went wrong with some of several tasks.
type failures struct {
	app   *app
	of    int // how many tasks there are
	count int
	first error
}

// add tells the user of an error at once. That of a single task is left to be
// the command's own.
func (f *failures) add(err error) {
	f.count++
	if f.first == nil {
		f.first = err
	}
	if f.of > 1 {
		_, _ = fmt.Fprintf(f.app.err, "xiexus: %s\n", oneLine(err.Error()))
	}
}

// err is the command's error: nil if nothing went wrong.
func (f *failures) err() error {
	if f.first == nil || f.of == 1 {
		return f.first
	}
	return someFailed{failures: *f}
}

// someFailed counts errors that the user has seen, and is the first of them.
type someFailed struct{ failures }

func (e someFailed) Error() string {
	return fmt.Sprintf("%d of %d tasks did not end well, see above", e.count, e.of)
}

func (e someFailed) Unwrap() error { return e.first }
