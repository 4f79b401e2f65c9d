// Package command is the xiexus-fleet command, one file for each subcommand.
package command

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
	"github.com/xiexus/xiexus-go/internal/safetext"
)

// Streams are what a command reads and writes.
type Streams struct {
	// In is standard input.
	In io.Reader
	// Out receives data, and nothing else.
	Out io.Writer
	// Err receives everything that is not data.
	Err io.Writer
}

// app is one run of the command: its streams and its global flags.
type app struct {
	Streams
	args   []string
	secret auth.Key // redacted in errors; the zero key if there is none

	store   storeFlags
	quiet   bool
	verbose bool
}

// Run runs a command line and returns its exit code.
func Run(ctx context.Context, args []string, streams Streams) int {
	secret, _ := auth.ParseKey(os.Getenv(xiexus.EnvAPIKey))
	a := &app{Streams: streams, args: args, secret: secret}
	root := a.rootCommand() //nolint:contextcheck // ExecuteContextC passes ctx to the commands
	started := false        // before that, every error is about usage
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		err := a.checkFlags(cmd)
		started = err == nil
		return err
	}
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !started {
		err = usageError{fmt.Errorf("%s; see \"%s --help\"", strings.TrimSpace(err.Error()), cmd.CommandPath())}
	}
	if err != nil {
		a.printError(err)
	}
	return exitCode(err)
}

// usesStore is the annotation of commands that need the streams.
const usesStore = "uses-store"

// checkFlags checks the global flags, and that the key is not on the command line, where
// other users see it.
func (a *app) checkFlags(cmd *cobra.Command) error {
	for _, arg := range a.args {
		if a.secret.In([]byte(arg)) {
			return fmt.Errorf("the command line contains the API key, and is visible to others; set %s instead", xiexus.EnvAPIKey)
		}
	}
	if cmd.Annotations[usesStore] == "" {
		return nil
	}
	return a.store.check()
}

// printError prints an error on one line, without the key.
func (a *app) printError(err error) {
	_, _ = fmt.Fprintf(a.Err, "xiexus-fleet: %s\n", a.errorText(err))
}

const longestError = 4000

// inTermsOfFlags names flags where errors of the library name its options.
var inTermsOfFlags = strings.NewReplacer("WithInsecureHTTP", "--insecure-http")

func (a *app) errorText(err error) string {
	text := strings.TrimPrefix(inTermsOfFlags.Replace(err.Error()), "xiexus: ") // the prefix of the library
	return safetext.Line(string(a.secret.Redact([]byte(text))), longestError)
}

// note prints what is neither data nor an error.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		_, _ = fmt.Fprintf(a.Err, format+"\n", args...)
	}
}

// quietLogger returns a logger for a command in which errors are expected: they are logged
// only with --verbose.
func (a *app) quietLogger() *slog.Logger {
	if a.verbose {
		return a.logger()
	}
	return slog.New(slog.DiscardHandler)
}

// logger returns the logger: everything with --verbose, only errors with --quiet.
func (a *app) logger() *slog.Logger {
	level := slog.LevelInfo
	switch {
	case a.verbose:
		level = slog.LevelDebug
	case a.quiet:
		level = slog.LevelError
	}
	return slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: level}))
}
