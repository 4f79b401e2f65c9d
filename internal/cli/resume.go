package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"al.essio.dev/pkg/shellescape"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
	"github.com/xiexus/xiexus-go/internal/taskids"
)

// withHooks adds to an error what has become of the hooks, if not all have succeeded.
func (w *waiter) withHooks(err error) error {
	if failed := w.hooks.err(); failed != nil {
		return fmt.Errorf("%w; %w", err, failed)
	}
	return err
}

// withRest adds to an error the tasks that have not ended, and how to resume.
func (w *waiter) withRest(err error, ids []string) error {
	command, state, again := "wait", "still running", ""
	var to []string
	if w.to != nil {
		command, state, to = "download", "not downloaded", w.to.args()
		if !w.to.skipExisting {
			again = ", adding --skip-existing if some videos were already saved"
		}
	}
	switch {
	case len(ids) == 0:
		return err
	case w.to != nil && w.to.noResume:
		return fmt.Errorf("%w; %s: %s", err, state, namedTasks(ids))
	case len(ids) > maxNamed, w.to != nil && w.to.request != nil:
		return fmt.Errorf("%w; %s: %s; to resume, run the same command again%s", err, state, namedTasks(ids), again)
	}
	return fmt.Errorf("%w; %s", err, hint("to resume", command, ids, to, w.options.hooks.args(), w.app.client.args()))
}

// withOtherName adds to an error because a file exists how to save the video of a task that
// has been created as another.
func (d *destination) withOtherName(err error, taskID string, clientArgs []string) error {
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	other := destination{dir: d.dir, maxSize: d.maxSize, allowPrivate: d.allowPrivate}
	return fmt.Errorf("%w; %s", err, hint("to save the video under another name", "download", []string{taskID}, other.args(), clientArgs))
}

// hint returns the command line for a purpose. An ID of a malicious relay may look like a
// flag, such as --exec, or like a file: such IDs are not in it.
func hint(purpose, command string, ids []string, flags ...[]string) string {
	if !slices.ContainsFunc(ids, taskids.IsSpecial) {
		return purpose + ": xiexus " + shellLine(slices.Concat([]string{command}, ids, slices.Concat(flags...)))
	}
	return fmt.Sprintf("%s, write the IDs (%s) to a file and run: xiexus %s", purpose, namedTasks(ids),
		shellLine(slices.Concat([]string{command, "@FILE"}, slices.Concat(flags...))))
}

// shellLine quotes arguments for a shell.
func shellLine(args []string) string {
	printable := make([]string, len(args))
	for i, arg := range args {
		printable[i] = screen.Line(arg)
	}
	return shellescape.QuoteCommand(printable)
}

// maxNamed is the maximum number of tasks that a message names.
const maxNamed = 10

// namedTasks returns the first IDs, and how many more there are.
func namedTasks(ids []string) string {
	if rest := len(ids) - maxNamed; rest > 0 {
		return fmt.Sprintf("%s and %d more", shellLine(ids[:maxNamed]), rest)
	}
	return shellLine(ids)
}
