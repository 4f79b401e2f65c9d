package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/internal/taskids"
)

const idsHelp = taskids.Help + ` If there are no IDs
to read, there is nothing to do, and the exit code is 0.`

// errNoIDs means that there were no IDs where they were to be read from.
var errNoIDs = errors.New("no task IDs given")

// nothingToDo makes [errNoIDs] a note: a command that lists tasks to be read may well find
// none.
func (a *app) nothingToDo(err error) error {
	if !errors.Is(err, errNoIDs) {
		return err
	}
	a.note("no task IDs were read; nothing to do")
	return nil
}

// requireIDs checks the arguments of commands that take IDs.
func requireIDs(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New(`no task IDs: give at least one, "-" for standard input, or @FILE`)
	}
	return nil
}

// idSource parses the arguments of a command.
func (a *app) idSource(ctx context.Context, args []string) (taskids.Source, error) {
	return read(ctx, func() (taskids.Source, error) { return taskids.Parse(args, a.In) })
}

// listIDs reads all IDs.
func listIDs(ctx context.Context, source taskids.Source) ([]string, error) {
	ids, err := read(ctx, func() ([]string, error) {
		var ids []string
		for id, err := range source.All() {
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
