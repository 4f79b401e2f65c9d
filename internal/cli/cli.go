// Package cli is the xiexus command, one file for each subcommand.
package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/cli/history"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

// Streams are what a command reads and writes.
type Streams struct {
	// In is standard input.
	In io.Reader
	// Out receives data, and nothing else.
	Out io.Writer
	// Err receives everything that is not data.
	Err io.Writer

	// Network are the options of clients that replace the network, in tests.
	Network []xiexus.Option
}

// Run runs a command line and returns its exit code.
func Run(ctx context.Context, args []string, streams Streams) int {
	return newApp(streams, screen.NewTerminal(streams.Err)).run(ctx, args)
}

// app is one run of the command: its streams and its global flags.
type app struct {
	Streams  // Err goes through the console
	args     []string
	console  *screen.Console
	terminal *screen.Terminal // behind Err, or nil
	help     checkedWriter    // to Out, for what cobra prints
	secret   auth.Key         // redacted in errors; the zero key if there is none

	history *history.History // of the tasks that were submitted, or nil

	client clientFlags
	output outputFlags
}

func newApp(streams Streams, terminal *screen.Terminal) *app {
	console := new(screen.Console)
	streams.Err = console.Writer(streams.Err)
	secret, _ := auth.ParseKey(os.Getenv(xiexus.EnvAPIKey))
	return &app{Streams: streams, help: checkedWriter{out: streams.Out}, console: console, terminal: terminal, secret: secret}
}

// run runs a command line and returns its exit code.
func (a *app) run(ctx context.Context, args []string) int {
	a.args = args
	root := a.rootCommand() //nolint:contextcheck // ExecuteContextC passes ctx to the commands

	started := false // before that, every error is about usage
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		err := a.checkFlags(cmd)
		started = err == nil
		return err
	}
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case a.help.err != nil:
		err = a.help.err
	case err != nil && !started:
		err = withPointer(cmd, err)
	}
	if err != nil {
		a.printError(err)
	}
	return exitCode(err)
}

// checkFlags checks the values of the global flags.
func (a *app) checkFlags(cmd *cobra.Command) error {
	if err := checkUsedFlags(cmd); err != nil {
		return err
	}
	if err := a.output.check(); err != nil {
		return err
	}
	return a.client.check()
}

// results is where tasks are printed while bars may be drawn.
func (a *app) results() io.Writer {
	if a.terminal.Shows(a.Out) {
		return a.console.Writer(a.Out)
	}
	return a.Out
}

// notes is where things are printed that are neither data nor errors.
func (a *app) notes() io.Writer {
	if a.output.quiet {
		return io.Discard
	}
	return a.Err
}

func (a *app) note(format string, args ...any) {
	_, _ = fmt.Fprintf(a.notes(), format+"\n", args...)
}

// inTermsOfFlags names flags where errors of the library name its options.
var inTermsOfFlags = strings.NewReplacer(
	"WithInsecureHTTP", "--insecure-http",
	"WithPrivateAddresses", "--allow-private",
	"Client.Models lists", "xiexus models lists",
	"WithMaxResponseSize", "--max-response-size",
	"write each request on one line", "write each on one line, or use --request for a single one",
	"WithOverwrite to replace it", "--force to replace it or --skip-existing to keep it",
)

// printError prints an error on one line, without the key: it may have been
// given in the wrong place.
func (a *app) printError(err error) {
	if _, seen := err.(seenError); seen { //nolint:errorlint // an error that wraps one says more
		return
	}
	_, _ = fmt.Fprintf(a.Err, "xiexus: %s\n", a.errorText(err))
	if body := responseBody(err); body != "" && a.output.verbose {
		a.printBody(body)
	}
}

// errorText returns the text of an error on one line, without the key.
func (a *app) errorText(err error) string {
	text := strings.TrimPrefix(inTermsOfFlags.Replace(err.Error()), "xiexus: ") // the prefix of the library
	return screen.Line(string(a.secret.Redact([]byte(text))))
}

// logger returns the logger for the client: all records with --verbose, nothing
// with --quiet, and by default warnings in a readable form.
func (a *app) logger() *slog.Logger {
	if a.output.verbose {
		return slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(screen.NewLogHandler(a.notes()))
}
