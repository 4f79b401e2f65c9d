package cli

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
	"github.com/xiexus/xiexus-go/internal/requestfile"
	"github.com/xiexus/xiexus-go/internal/taskids"
)

// batchOptions are the flags of create for many requests.
type batchOptions struct {
	file    string
	results string
}

func (o *batchOptions) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.file, "requests", "", "file with many requests, in JSON Lines or in CSV with a header; other flags apply to all of them and take precedence")
	flags.StringVar(&o.results, "results", "", "file for what became of each request (default the name of --requests and \".results\")")
}

// resultsName returns the name of the results file.
func (o *batchOptions) resultsName() string {
	if o.results == "" {
		return o.file + ".results"
	}
	return o.results
}

// readRequests reads and checks all requests. It prints what is wrong with them.
func (a *app) readRequests(ctx context.Context, options *createOptions, given requestfile.Fields) ([]requestfile.Request, error) {
	text, err := readText(ctx, options.batch.file)
	if err != nil {
		return nil, fmt.Errorf("--requests: %w", err)
	}
	requests, invalid := requestfile.Parse(text)
	unknown := map[string]bool{}
	for i, request := range requests {
		requests[i].Fields = request.Fields.Replace(given)
		if err := options.request.image.checkFields(requests[i].Fields); err != nil {
			invalid = append(invalid, requestfile.LineError(request.Line, err))
		}
		for _, name := range request.Fields.Unknown() {
			unknown[name] = true
		}
	}
	switch {
	case len(invalid) > 0:
		return nil, a.invalidRequests(options.batch.file, invalid)
	case len(requests) == 0:
		return nil, fmt.Errorf("--requests: %s has no requests", options.batch.file)
	}
	a.noteUnknown(slices.Sorted(maps.Keys(unknown)))
	return requests, nil
}

// invalidRequests prints the first errors.
func (a *app) invalidRequests(file string, invalid []error) error {
	for _, err := range invalid[:min(len(invalid), maxNamed)] {
		a.printError(fmt.Errorf("%s, %w", file, err))
	}
	lines := "lines"
	if len(invalid) == 1 {
		lines = "line"
	}
	return fmt.Errorf("--requests: %s has %d invalid %s; nothing was sent", file, len(invalid), lines)
}

// noteUnknown names fields that may be misspelled.
func (a *app) noteUnknown(names []string) {
	if len(names) > 0 {
		a.note("note: sending fields that are not known here: %s", namedTasks(names))
	}
}

// createBatch creates the tasks of many requests, and waits for them and downloads their
// videos if the options require it.
func (a *app) createBatch(ctx context.Context, client *xiexus.Client, options *createOptions, requests []requestfile.Request) error {
	b, err := a.newBatch(client, options, requests)
	if err != nil {
		return err
	}
	defer func() { _ = b.results.Close() }()
	if n := len(b.earlier); n > 0 {
		a.note("%d of %d requests were submitted by an earlier run", n, b.total)
	}
	submitting, stop := context.WithCancel(ctx)
	defer stop()
	var submission sync.WaitGroup
	submission.Go(func() { b.submitAll(submitting, a.client.concurrency) })
	if options.waits() {
		err = a.waitForBatch(ctx, b, options)
	} else {
		err = a.printCreated(b)
	}
	if err != nil {
		stop()
	}
	submission.Wait()
	return b.result(ctx, err)
}

func (a *app) waitForBatch(ctx context.Context, b *batch, options *createOptions) error {
	ids := taskids.Each(b.ids())
	if !options.download {
		return a.waitFor(ctx, b.client, ids, &options.waiting, nil)
	}
	to := options.to
	to.skipExisting = !to.force // an earlier run may have saved some videos
	to.request = b.requestOf
	return a.waitFor(ctx, b.client, ids, &options.waiting, &to)
}

func (a *app) printCreated(b *batch) error {
	width := 0
	printTask := a.printer(a.results(), func() int { return width })
	for task := range b.created {
		width = max(width, screen.Length(task.TaskID))
		if err := printTask(task, saved{}); err != nil {
			return err
		}
	}
	return nil
}

// requestOf returns the model and the prompt of a task.
func (b *batch) requestOf(taskID string) (model, prompt string) {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.requests[taskID].Text("model"), b.requests[taskID].Text("prompt")
}

// ids yields the IDs of all tasks as they are known, those of earlier runs first.
func (b *batch) ids() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, id := range b.earlier {
			if !yield(id) {
				return
			}
		}
		for task := range b.created {
			if !yield(task.TaskID) {
				return
			}
		}
	}
}
