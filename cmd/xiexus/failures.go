package main

import "fmt"

// failures collects what went wrong with some of several tasks.
type failures struct {
	app    *app
	single bool // there is one task only: its error is left to be the command's own
	count  int
	first  error // in the order the tasks were given
	place  int   // of first in that order
}

// add tells the user at once what went wrong with the task at place.
func (f *failures) add(place int, err error) {
	f.count++
	if f.first == nil || place < f.place {
		f.first, f.place = err, place
	}
	if !f.single {
		f.app.complain(err)
	}
}

// err is the command's error after so many tasks: nil if nothing went wrong.
func (f *failures) err(of int) error {
	if f.first == nil || f.single {
		return f.first
	}
	return someFailed{failures: *f, of: of}
}

// someFailed counts errors that the user has seen, and is the first of them.
type someFailed struct {
	failures
	of int
}

func (e someFailed) Error() string {
	return fmt.Sprintf("%d of %d tasks did not end well, see above", e.count, e.of)
}

func (e someFailed) Unwrap() error { return e.first }
