package command

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

// resultsOptions are the flags of results.
type resultsOptions struct {
	from   string
	follow bool
	noWait bool
}

// The values of --from.
const (
	fromBegin = "begin"
	fromNow   = "now"
)

func (o *resultsOptions) check() error {
	switch {
	case !slices.Contains([]string{fromBegin, fromNow}, o.from):
		return fmt.Errorf("--from must be %s or %s, got %q", fromBegin, fromNow, o.from)
	case o.follow && o.noWait:
		return errors.New("--follow and --no-wait cannot be used together")
	}
	return nil
}

func (a *app) resultsCommand() *cobra.Command {
	options := &resultsOptions{}
	cmd := &cobra.Command{
		Use:   "results",
		Short: "Print what became of the tasks, as JSON lines",
		Long: `Print the results, one JSON object a line, until nothing is waited for any more. Each
task has one result, however often it was polled or submitted; a create request
without a task has one, too. Results are kept for 30 days. No API key is needed. Work
that no worker can read, because a newer release has stored it, is waited for, too:
the workers log it.

A result has the fields task_id, task (as "xiexus wait" prints it, or null), error
(null, or an object with kind and message), request (the key of its create
request), polls, started_at, recorded_at and worker. The kinds of errors are:

  failed            the task failed
  not_found         there is no such task
  invalid_task_id   no task can have the ID
  timed_out         --max-wait has passed
  forbidden         the key is not allowed to do this
  quota_exceeded    the account has no quota left
  rejected          the relay rejected the create request: there is no task
  uncertain         the create request may have been accepted, and is not repeated
  other             anything else

If any of the tasks that are printed has an error, so has the command.`,
		Example: `  xiexus-fleet results --store work > results.jsonl
  xiexus-fleet results --store work --from now --follow | jq -r 'select(.error == null).task.url'`,
		Args:        cobra.NoArgs,
		Annotations: map[string]string{usesStore: "yes"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := options.check(); err != nil {
				return usageError{err}
			}
			return a.results(cmd.Context(), options)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&options.from, "from", fromBegin, "which results to print: all of them (begin), or those that are stored from now on (now)")
	flags.BoolVar(&options.follow, "follow", false, "continue until interrupted, even when no task is waiting")
	flags.BoolVar(&options.noWait, "no-wait", false, "print the results that are stored, and wait for no others")
	_ = cmd.RegisterFlagCompletionFunc("from", cobra.FixedCompletions([]string{fromBegin, fromNow}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) results(ctx context.Context, options *resultsOptions) error {
	e, err := a.openEngine(ctx, false)
	if err != nil {
		return err
	}
	defer e.Close()
	reader, err := e.NewReader(ctx, options.from == fromNow)
	if err != nil {
		return err
	}
	defer reader.Close()
	var failures failures
	for {
		line, err := reader.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return interruptedError{}
		case errors.Is(err, engine.ErrNoResult):
			if isEnd(ctx, e, reader, options) {
				return failures.err()
			}
			continue
		case err != nil:
			return err
		}
		failures.add(line)
		if _, err := a.Out.Write(append(safetext.JSON(line), '\n')); err != nil {
			return err
		}
	}
}

// isEnd reports whether all results have been printed. If that cannot be read, it is looked at
// again.
func isEnd(ctx context.Context, e *engine.Engine, reader *engine.Reader, options *resultsOptions) bool {
	if options.follow {
		return false
	}
	idle, err := e.IsIdle(ctx)
	if err != nil || !idle && !options.noWait {
		return false
	}
	last, err := e.LastResult(ctx) // after IsIdle
	return err == nil && reader.Last() >= last
}

// failures counts the results without a video.
type failures struct {
	results, failed int
	first           string // kind
}

func (f *failures) add(line []byte) {
	f.results++
	result, err := outcome.Decode(line)
	if err != nil || result.Error == nil {
		return
	}
	f.failed++
	if f.first == "" {
		f.first = result.Error.Kind
	}
}

// err returns an error with the exit code of the first failure.
func (f *failures) err() error {
	if f.failed == 0 {
		return nil
	}
	codes := map[string]int{
		outcome.KindFailed: exitTaskFailed, outcome.KindNotFound: exitNotFound, outcome.KindInvalidID: exitUsage,
		outcome.KindTimedOut: exitTimedOut, outcome.KindForbidden: exitKeyRejected,
	}
	code, known := codes[f.first]
	if !known {
		code = exitOther
	}
	return codedError{fmt.Errorf("%d of %d results have an error", f.failed, f.results), code}
}
