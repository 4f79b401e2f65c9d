package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/history"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

// listOptions are the flags of list.
type listOptions struct {
	all        bool
	ids        bool
	limit      int
	unfinished bool
}

const defaultListLimit = 30

const listHelp = `Print the tasks that "xiexus create" has submitted on this machine to the relay that is
selected now, the newest first. Nothing is sent: the status is what a command has last
seen, and "xiexus get" reads it again.

A request is recorded before it is sent. "unknown: may have been created" means that its
response was lost, or that the command ended before it arrived: check the relay's task list.
In JSON, "status" is completed or failed, created if the task has not ended, unknown,
rejected if the relay has rejected the request, or not_sent if it was not reached.

The history has the time, base URL, model, prompt (up to 2000 characters), ID and file of
each task, but never the API key, and only you can read it. It is in the directory that
XIEXUS_HISTORY names, in $XDG_STATE_HOME/xiexus/history, or by default in

  Linux    ~/.local/state/xiexus/history
  macOS    ~/Library/Application Support/xiexus/history
  Windows  %LocalAppData%\xiexus\history

To delete it, delete that directory. The newest entries are kept, at least 8 MiB of them,
which is thousands of tasks. There is no history with XIEXUS_HISTORY=off, with "create
--no-history", or where CI is set and XIEXUS_HISTORY is not. If it cannot be written,
create prints a warning and continues.`

func (a *app) listCommand() *cobra.Command {
	options := &listOptions{}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the tasks that were submitted on this machine",
		Long:  listHelp,
		Example: `  xiexus list
  xiexus list --all -o json | jq -r 'select(.prompt | test("cat")) | .task_id'
  xiexus list --unfinished --ids | xiexus download - --dir videos`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.list(cmd, options) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&options.all, "all", false, "list the tasks of every relay")
	flags.BoolVar(&options.ids, "ids", false, "print only the IDs, one per line")
	flags.IntVar(&options.limit, "limit", 0, fmt.Sprintf("maximum number of tasks; 0 for no limit (default %d in a table, otherwise no limit)", defaultListLimit))
	flags.BoolVar(&options.unfinished, "unfinished", false, "list only tasks that have not ended, as far as is known")
	return cmd
}

func (a *app) list(cmd *cobra.Command, options *listOptions) error {
	limitGiven := cmd.Flags().Changed("limit")
	switch {
	case options.limit < 0:
		return usageError{errors.New("--limit must not be negative")}
	case options.ids && a.output.format != "":
		return usageError{errors.New("--ids and --output cannot be used together")}
	case !limitGiven && !options.ids && !a.printsJSON():
		options.limit = defaultListLimit
	}
	var baseURL string // of every relay
	if !options.all {
		var err error
		if baseURL, err = a.baseURL(cmd.Context()); err != nil {
			return err
		}
	}
	entries, err := readHistory(cmd.Context())
	if errors.Is(err, history.ErrOff) {
		a.note("the history is off; see \"xiexus list --help\"")
		return nil
	}
	if err != nil {
		return err
	}
	entries = entriesOf(entries, baseURL)
	chosen := options.choose(entries)
	shown := chosen
	if options.limit > 0 {
		shown = chosen[:min(options.limit, len(chosen))]
	}
	if err := a.printEntries(shown, options); err != nil {
		return err
	}
	switch {
	case len(chosen) == 0:
		a.note("%s", nothingListed(entries, baseURL))
	case len(shown) < len(chosen) && !limitGiven:
		a.note("%d of %d tasks; --limit 0 lists all", len(shown), len(chosen))
	}
	return nil
}

// nothingListed says why entries, those of a relay or of every relay, have none to list.
func nothingListed(entries []history.Entry, baseURL string) string {
	of, all := "", ""
	if baseURL != "" {
		of, all = " of "+screen.Line(baseURL), "; --all lists those of every relay"
	}
	var tasks, unknown int
	for _, entry := range entries {
		switch {
		case entry.State.Unknown():
			unknown++
		case entry.TaskID != "":
			tasks++
		}
	}
	switch {
	case unknown > 0:
		return fmt.Sprintf("requests that may have created tasks whose IDs are not known: %d; see \"xiexus list\"", unknown)
	case tasks > 0:
		return fmt.Sprintf("all tasks%s in the history have ended: %d%s", of, tasks, all)
	}
	return fmt.Sprintf("no tasks%s in the history%s", of, all)
}

func readHistory(ctx context.Context) ([]history.Entry, error) {
	dir, err := history.Dir()
	if errors.Is(err, history.ErrOff) {
		return nil, err
	}
	var entries []history.Entry
	if err == nil {
		entries, err = history.Read(ctx, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the history: %w", err)
	}
	return entries, nil
}

// entriesOf returns the entries of the relay with a base URL, or all if that is empty.
func entriesOf(entries []history.Entry, baseURL string) []history.Entry {
	return slices.DeleteFunc(entries, func(entry history.Entry) bool { return baseURL != "" && entry.BaseURL != baseURL })
}

// choose returns the entries that the flags select, the newest first.
func (o *listOptions) choose(entries []history.Entry) []history.Entry {
	var chosen []history.Entry
	for _, entry := range slices.Backward(entries) {
		switch {
		case o.unfinished && entry.State.Ended():
		case o.ids && entry.TaskID == "":
		default:
			chosen = append(chosen, entry)
		}
	}
	return chosen
}

// baseURL returns the base URL of the relay that is selected, which takes no key.
func (a *app) baseURL(ctx context.Context) (string, error) {
	relay, err := a.relay(ctx)
	if err != nil {
		return "", usageError{err}
	}
	noKey := func(context.Context) (string, error) { return "", errors.New("nothing is sent") }
	client, err := xiexus.New(xiexus.WithBaseURL(relay.baseURL), xiexus.WithAPIKeyFunc(noKey), xiexus.WithInsecureHTTP())
	if err != nil {
		return "", usageError{relay.invalid(err)}
	}
	return baseURLOf(client), nil
}
