package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/status"
	"golang.org/x/term"
)

// statusOptions are the flags of status.
type statusOptions struct {
	output   string
	watch    bool
	interval time.Duration
}

func (o *statusOptions) check() error {
	switch {
	case o.output != "text" && o.output != "json":
		return errors.New("--output must be text or json")
	case o.interval < 100*time.Millisecond:
		return errors.New("--interval must be at least 100ms")
	}
	return nil
}

func (a *app) statusCommand() *cobra.Command {
	options := &statusOptions{}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what the fleet is doing",
		Long: `Show how many tasks are waited for and how many have ended, which workers are
alive, how many requests a second they send, and whether the relay has requested a
pause. No API key is needed.

Results are counted once each, by their headers: the first status of a fleet with
many results takes longer than later ones.`,
		Example: `  xiexus-fleet status --store work
  xiexus-fleet status --nats nats://n1:4222 --watch
  xiexus-fleet status --nats nats://n1:4222 -o json | jq .waiting.tasks`,
		Args:        cobra.NoArgs,
		Annotations: map[string]string{usesStore: "yes"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := options.check(); err != nil {
				return usageError{err}
			}
			return a.status(cmd.Context(), options)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&options.output, "output", "o", "text", "text or json")
	flags.BoolVar(&options.watch, "watch", false, "show it again and again, until interrupted")
	flags.DurationVar(&options.interval, "interval", 2*time.Second, "how often --watch shows it")
	return cmd
}

func (a *app) status(ctx context.Context, options *statusOptions) error {
	e, err := a.openEngine(ctx, false)
	if err != nil {
		return err
	}
	defer e.Close()
	if !options.watch {
		s, err := status.Read(ctx, e, a.logger())
		if err != nil {
			return err
		}
		return a.printStatus(s, options.output)
	}
	return a.watchStatus(ctx, e, options)
}

// watchStatus prints the status until ctx ends. On a terminal, each replaces the one before.
func (a *app) watchStatus(ctx context.Context, e *engine.Engine, options *statusOptions) error {
	ticker := time.NewTicker(options.interval)
	defer ticker.Stop()
	screen := redraw{out: a.Out, isTerminal: options.output == "text" && isTerminal(a.Out)}
	for {
		s, err := status.Read(ctx, e, a.logger())
		switch {
		case ctx.Err() != nil:
			return nil // as requested
		case err != nil: // the servers may come back
			a.logger().Warn("cannot read the status", "error", err)
		case options.output == "json":
			err = a.printStatus(s, options.output)
		default:
			err = screen.show(statusText(s))
		}
		if err != nil && errors.Is(err, errOutput) {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// errOutput means that nothing can be printed.
var errOutput = errors.New("cannot write to standard output")

func (a *app) printStatus(s status.Status, output string) error {
	var err error
	if output == "json" {
		err = json.NewEncoder(a.Out).Encode(s)
	} else {
		_, err = a.Out.Write(statusText(s))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errOutput, err)
	}
	return nil
}

// redraw prints text, in place of the text before if that is on a terminal.
type redraw struct {
	out        io.Writer
	isTerminal bool
	lines      int // of the text before
}

func (r *redraw) show(text []byte) error {
	var page bytes.Buffer
	switch {
	case r.lines > 0 && r.isTerminal:
		const upAndClear = "\x1b[%dA\x1b[J"
		fmt.Fprintf(&page, upAndClear, r.lines)
	case r.lines > 0:
		page.WriteByte('\n')
	}
	r.lines = bytes.Count(text, []byte{'\n'})
	page.Write(text)
	if _, err := r.out.Write(page.Bytes()); err != nil {
		return fmt.Errorf("%w: %w", errOutput, err)
	}
	return nil
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
