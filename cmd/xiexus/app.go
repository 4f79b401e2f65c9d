package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/auth"
)

// app is one run of the command: its streams and its flags.
type app struct {
	in       io.Reader
	out      io.Writer
	err      io.Writer // through the console
	console  *console
	terminal *terminal // behind err, or nil
	started  bool      // a command has begun: its errors are no longer about usage
	secret   auth.Key  // what no line may show, or zero

	output      string
	baseURL     string
	keyFile     string
	maxRetries  int
	timeout     time.Duration
	maxWait     time.Duration
	interval    time.Duration
	concurrency int
	submitted   bool
	insecure    bool
	private     bool
	quiet       bool
	verbose     bool
}

func newApp(std streams, terminal *terminal) *app {
	console := new(console)
	secret, _ := auth.ParseKey(os.Getenv(xiexus.EnvAPIKey))
	return &app{in: std.in, out: std.out, err: stream{console, std.err}, console: console, terminal: terminal, secret: secret}
}

// run runs one command line and returns its exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.command()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && !a.started {
		err = usageError{err} // of cobra, about flags and arguments
	}
	if err != nil {
		a.complain(err)
	}
	return exitCode(err)
}

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "xiexus",
		Short: "Make videos on a New API relay: submit, wait, download",
		Long: `xiexus submits video generation tasks to api.xiexus.cn or any other New API
relay, waits for them and brings their videos home.

The key is read from XIEXUS_API_KEY or from --api-key-file, the relay's address
from XIEXUS_BASE_URL or --base-url. To see it work without either: xiexus demo

` + exitCodes,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if err := a.checkFlags(); err != nil {
				return err
			}
			a.started = true
			return nil
		},
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)

	flags := root.PersistentFlags()
	flags.StringVarP(&a.output, "output", "o", "", "output format: table or json (default table on a terminal, json elsewhere)")
	flags.StringVar(&a.baseURL, "base-url", "", "the relay's address (default $XIEXUS_BASE_URL, or "+xiexus.DefaultBaseURL+")")
	flags.StringVar(&a.keyFile, "api-key-file", "", "file to read the API key from (default $XIEXUS_API_KEY)")
	flags.IntVar(&a.maxRetries, "max-retries", 2, "how often what failed is tried again, a submit only if it was not taken; waits ask on anyway")
	flags.DurationVar(&a.timeout, "timeout", time.Minute, "time for one request; 0 for no limit")
	flags.IntVar(&a.concurrency, "concurrency", 16, "requests under way at once")
	flags.BoolVar(&a.insecure, "insecure-http", false, "allow plain http to an address that is not loopback")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print no progress, only results and errors")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "log every request to standard error")

	complete(root, "output", []string{formatTable, formatJSON})
	root.AddCommand(a.createCommand(), a.waitCommand(), a.downloadCommand(), a.getCommand(), a.demoCommand(), a.serveCommand(), a.specCommand(), a.versionCommand())
	return root
}

// checkFlags refuses values that cannot be meant, before anything is sent.
func (a *app) checkFlags() error {
	if a.output == "" {
		a.output = defaultFormat(a.out)
	}
	switch {
	case a.output != formatTable && a.output != formatJSON:
		return fmt.Errorf("--output %q is neither table nor json", a.output)
	case a.maxRetries < 0:
		return errors.New("--max-retries is negative")
	case a.timeout < 0:
		return errors.New("--timeout is negative")
	case a.interval < 0:
		return errors.New("--interval is negative")
	case a.maxWait < 0:
		return errors.New("--max-wait is negative")
	case a.concurrency < 1:
		return errors.New("--concurrency is less than 1")
	}
	return nil
}

// waitFlags adds the flags of commands that wait.
func (a *app) waitFlags(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&a.maxWait, "max-wait", 30*time.Minute, "time for the whole wait; 0 for no limit")
	cmd.Flags().DurationVar(&a.interval, "interval", 0,
		"time between the first two questions, at least 1s; it grows to 15s (default in step with the relay)")
}

// laterFlag is for a task that may not be stored yet.
const laterFlag = "--just-submitted"

// submittedFlag adds the flag of commands for tasks that another command has submitted.
func (a *app) submittedFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&a.submitted, laterFlag[2:], false, "for ten seconds, ask again for a task that is not there yet")
}

// client returns the client that the flags and the environment describe.
func (a *app) client() (*xiexus.Client, error) {
	key, err := a.key()
	if err != nil {
		return nil, usageError{err}
	}
	opts := []xiexus.Option{
		xiexus.WithAPIKey(key),
		xiexus.WithMaxRetries(a.maxRetries),
		xiexus.WithRequestTimeout(a.timeout),
		xiexus.WithUserAgent("xiexus/" + xiexus.Version),
		xiexus.WithLogger(a.logger()),
	}
	if a.baseURL != "" {
		opts = append(opts, xiexus.WithBaseURL(a.baseURL))
	}
	if a.private {
		opts = append(opts, xiexus.WithPrivateAddresses())
	}
	if a.insecure {
		opts = append(opts, xiexus.WithInsecureHTTP())
	}
	client, err := xiexus.New(opts...)
	if err != nil {
		return nil, usageError{err}
	}
	return client, nil
}

// key reads the key. A flag's value would show in the list of processes.
func (a *app) key() (string, error) {
	if a.keyFile == "" {
		if key := os.Getenv(xiexus.EnvAPIKey); key != "" {
			return key, nil
		}
		return "", fmt.Errorf("no API key: set %s or give --api-key-file", xiexus.EnvAPIKey)
	}
	key, err := readKey(a.keyFile)
	if err != nil {
		return "", fmt.Errorf("--api-key-file: %w", err)
	}
	if a.secret, err = auth.ParseKey(key); err != nil {
		return "", fmt.Errorf("--api-key-file: %w", err)
	}
	return key, nil
}

// readKey does not name the file in its errors: it may be the key by mistake.
func readKey(name string) (string, error) {
	file, err := os.Open(name)
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return "", path.Err
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	const longestKey = 64 << 10
	key, err := io.ReadAll(io.LimitReader(file, longestKey))
	return string(key), err
}

// results is where tasks are printed as they end.
func (a *app) results() io.Writer {
	if a.terminal.shows(a.out) {
		return stream{a.console, a.out}
	}
	return a.out
}

// note tells the user something that is not data.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		_, _ = fmt.Fprintf(a.err, format+"\n", args...)
	}
}

// complain tells the user of an error, in one line that does not show the key
// wherever that was typed.
func (a *app) complain(err error) {
	text := strings.TrimPrefix(err.Error(), "xiexus: ") // the library's own
	_, _ = fmt.Fprintf(a.err, "xiexus: %s\n", oneLine(string(a.secret.Redact([]byte(text)))))
}

// interrupted reports whether the user ended the command.
func interrupted(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }
