// Spec takes a newly published OpenAPI document: it finds the document in what a
// publisher offers, keeps what the client uses, reports what changes, and writes
// openapi/openapi.json and the generated code once that builds and passes the tests.
// Until then it works on a copy, so an error changes nothing.
//
// It is run by make spec and make spec-diff, in the root directory of the repository.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	// A reader of standard output that closes it, such as head, ends a run as an interrupt does.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	var o options
	flag.StringVar(&o.from, "from", "", "file or URL of the document, or of a page that contains it")
	flag.Func("op", "also keep the operations of this path (may be repeated)", func(path string) error {
		o.paths = append(o.paths, path)
		return nil
	})
	flag.BoolVar(&o.diff, "diff", false, "only report what changes; without -from, since the last commit")
	flag.BoolVar(&o.keep, "keep", false, "write the document and the generated code even if they do not build or fail tests")
	flag.BoolVar(&o.check, "check", false, "only check that everything in the document is described")
	flag.Parse()
	t := tool{root: ".", out: os.Stdout, exec: execute}
	err := t.run(ctx, o)
	stop()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "spec:", err)
	if errors.Is(err, errInterrupted) {
		os.Exit(exitInterrupted)
	}
	os.Exit(1)
}

// exitInterrupted is the exit code that shells report for an interrupted command.
const exitInterrupted = 130

type options struct {
	from  string
	paths []string
	diff  bool
	keep  bool
	check bool
}

// tool works on the repository in root.
type tool struct {
	root string
	out  io.Writer
	// exec runs a command in a directory and returns what it printed.
	exec func(ctx context.Context, dir, name string, args ...string) ([]byte, error)
}

var (
	errUsage       = errors.New(`no document given: run make spec FROM=<file or URL> [OP="/v1/videos ..."] [KEEP=1]`)
	errInterrupted = errors.New("interrupted")
)

// run reports what a document changes and, unless it is only to report that, takes it.
func (t *tool) run(ctx context.Context, o options) error {
	if o.check {
		return t.check()
	}
	wrote, err := t.take(ctx, o)
	if err != nil && !wrote && ctx.Err() != nil {
		err = errInterrupted
	}
	if err != nil && !wrote && !o.diff {
		return fmt.Errorf("%w\nnothing was changed", err)
	}
	return err
}

// take reports whether it wrote files. After errors it did only with KEEP=1.
func (t *tool) take(ctx context.Context, o options) (wrote bool, err error) {
	if o.from == "" {
		if !o.diff {
			return false, errUsage
		}
		o.from = t.path(documentFile)
	}
	base, err := t.baseline(ctx, o.from)
	if err != nil {
		return false, err
	}
	t.say("comparing %s with %s", o.from, base.name)
	offered, err := read(ctx, o.from)
	if err != nil {
		return false, err
	}
	published, err := extract(offered)
	if err != nil {
		return false, fmt.Errorf("%s: %w", o.from, err)
	}
	r, err := t.compare(base, published, o.paths)
	if err != nil {
		return false, fmt.Errorf("%s: %w", o.from, err)
	}
	r.print(t.out)
	t.oasdiff(ctx, r)
	if o.diff || ctx.Err() != nil {
		return false, ctx.Err()
	}
	if len(r.problems) > 0 {
		return false, fmt.Errorf("targets in %s match nothing in this document, as listed above", overlayFile)
	}
	if ours, err := os.ReadFile(t.path(documentFile)); err == nil && bytes.Equal(ours, r.kept.raw) {
		t.say("%s is this document already: nothing to do. To generate the code again, run make generate.", documentFile)
		return false, nil
	}
	return t.install(ctx, r.kept.raw, o.keep)
}

// compare reports how the generated code would change with a published document.
func (t *tool) compare(base baseline, published document, paths []string) (*report, error) {
	overlay, err := os.ReadFile(t.path(overlayFile))
	if err != nil {
		return nil, err
	}
	before := base.document
	kept, notes, err := published.keep(operationsOf(before), paths, string(overlay))
	if err != nil {
		return nil, err
	}
	after, err := t.load(kept.raw, false)
	if err != nil {
		return nil, err
	}
	problems, err := t.overlayProblems(kept.raw)
	if err != nil {
		return nil, err
	}
	notes = append(notes, fromOverlay(published, after)...)
	r := &report{kept: kept, notes: notes, before: before, after: after, problems: problems}
	r.changes = compareFacts(factsOf(before), factsOf(after))
	explainStatuses(r.changes, renamedStatuses(statusesOf(before), statusesOf(after), base.statuses))
	r.undecided = undecided(statusesOf(after))
	return r, nil
}

func (t *tool) say(format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, strings.TrimSuffix(format, "\n")+"\n", args...)
}
