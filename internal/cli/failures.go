package cli

import "fmt"

// failures collects the errors of several tasks.
type failures struct {
	app    *app
	single bool // there is only one task, whose error is that of the command
	count  int
	first  error // in the order the tasks were given
	index  int   // of first
}

// add prints the error of the task at an index in the order given, unless it has been
// seen already.
func (f *failures) add(index int, err error, seen bool) {
	f.count++
	if seen {
		err = seenError{err}
	}
	if f.first == nil || index < f.index {
		f.first, f.index = err, index
	}
	if !f.single {
		f.app.printError(err)
	}
}

// seenError is an error that needs not be printed, because the user has seen it.
type seenError struct{ error }

func (e seenError) Unwrap() error { return e.error }

// err returns the error of the command, which had a number of tasks.
func (f *failures) err(tasks int) error {
	if f.first == nil || f.single {
		return f.first
	}
	return summaryError{count: f.count, tasks: tasks, first: f.first}
}

// summaryError counts errors that have been printed, and wraps the first.
type summaryError struct {
	count, tasks int
	first        error
}

func (e summaryError) Error() string {
	return fmt.Sprintf("%d of %d tasks had errors; see above", e.count, e.tasks)
}

func (e summaryError) Unwrap() error { return e.first }
