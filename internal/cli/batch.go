package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
	"github.com/xiexus/xiexus-go/internal/requestfile"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

// batch submits the requests of a file, each at most once, whatever ends an earlier run.
type batch struct {
	app     *app
	client  *xiexus.Client
	image   *imageOptions
	output  string // the directory for the videos, if they are downloaded
	results *resultsFile
	total   int                   // requests in the file
	pending []requestfile.Request // to be submitted
	earlier []string              // IDs of tasks that earlier runs created
	created chan *xiexus.Task
	turns   *rate.Limiter // of --rate-limit: what waits for its turn has not been recorded

	lock      sync.Mutex
	requests  map[string]requestfile.Fields // by the IDs of their tasks
	submitted int                           // of those pending, whatever the result
	misses    int                           // errors in a row that concern the relay, not a request
	failures  failures
	fatal     error // ended the submission of all requests
}

// mostMisses is after how many errors in a row no more requests are submitted: each may
// cost a task, or a place in the queue of a relay that limits its rate.
const mostMisses = 3

// newBatch opens the results file and decides what to submit.
func (a *app) newBatch(client *xiexus.Client, options *createOptions, requests []requestfile.Request) (*batch, error) {
	results, err := openResults(options.batch.resultsName())
	if err != nil {
		return nil, usageError{fmt.Errorf("--results: %w", err)}
	}
	b := &batch{
		app: a, client: client, image: &options.request.image, output: options.output(), results: results, total: len(requests),
		requests: map[string]requestfile.Fields{},
		failures: failures{app: a}, turns: rate.NewLimiter(rate.Inf, 1),
	}
	if a.client.rateLimit > 0 {
		b.turns.SetLimit(rate.Limit(a.client.rateLimit))
	}
	for _, request := range requests {
		switch earlier := results.records[request.Key]; earlier.State {
		case stateCreated:
			b.earlier = append(b.earlier, earlier.TaskID)
			b.requests[earlier.TaskID] = request.Fields
		case stateSubmitting, stateUncertain:
			b.hold(request, earlier)
		default:
			b.pending = append(b.pending, request)
		}
	}
	b.created = make(chan *xiexus.Task, len(b.pending)) // so that submitting never waits for a reader
	return b, nil
}

// hold reports a request that must not be repeated.
func (b *batch) hold(request requestfile.Request, earlier record) {
	if earlier.State == stateSubmitting {
		b.record(request, record{State: stateUncertain, Error: "the command ended before the relay's response"})
	}
	b.failures.add(request.Line, requestfile.LineError(request.Line, fmt.Errorf(
		"not submitted again: an earlier run at %s may have created a task; check the relay's task list, and remove the request from %s to submit it again",
		earlier.At.Local().Format(time.DateTime), b.results.Name())), false)
}

// submitAll submits the pending requests until ctx ends, then waits for the responses.
func (b *batch) submitAll(ctx context.Context, concurrency int) {
	defer close(b.created)
	inFlight, done := b.afterInterrupt(ctx)
	defer done()
	var running errgroup.Group
	running.SetLimit(concurrency)
	for _, request := range b.pending {
		running.Go(func() error {
			if b.turns.Wait(ctx) == nil && ctx.Err() == nil && !b.stopped() {
				b.submit(inFlight, request)
			}
			return nil
		})
	}
	_ = running.Wait()
}

// afterInterrupt returns a context that ends some time after ctx. A request that is
// canceled may have created a task whose ID is never known.
func (b *batch) afterInterrupt(ctx context.Context) (context.Context, context.CancelFunc) {
	const grace = 30 * time.Second
	inFlight, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-inFlight.Done():
			return
		case <-ctx.Done():
		}
		defer cancel()
		b.app.note("waiting for responses to create requests; interrupt again to end at once")
		select {
		case <-time.After(grace):
		case <-inFlight.Done():
		}
	})
	return inFlight, func() {
		cancel()
		watching.Wait()
	}
}

func (b *batch) stopped() bool {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.fatal != nil || b.misses >= mostMisses
}

// submit submits a request, after recording that it does.
func (b *batch) submit(ctx context.Context, request requestfile.Request) {
	loaded, err := b.image.loadFields(request.Fields)
	if err != nil {
		b.fail(request, err)
		return
	}
	if !b.record(request, record{State: stateSubmitting}) {
		return
	}
	task, err := b.app.submit(ctx, b.client, loaded, b.output)
	var uncertain *xiexus.CreateUncertainError
	switch {
	case err == nil:
		b.succeed(request, task)
	case errors.As(err, &uncertain):
		b.record(request, record{State: stateUncertain, Error: b.app.errorText(err)})
		b.fail(request, err)
	default:
		b.record(request, record{State: stateRejected, Error: b.app.errorText(err)})
		b.fail(request, err)
	}
}

func (b *batch) succeed(request requestfile.Request, task *xiexus.Task) {
	b.lock.Lock()
	b.submitted++
	b.misses = 0
	b.requests[task.TaskID] = request.Fields
	b.lock.Unlock()
	text := fmt.Sprintf("line %d: created %s\n", request.Line, screen.Line(task.TaskID))
	out := b.app.notes()
	if !b.record(request, record{State: stateCreated, TaskID: task.TaskID}) {
		out = b.app.Err // or the ID is lost
	}
	_, _ = fmt.Fprint(out, text)
	b.created <- task
}

// fail reports an error of a request.
func (b *batch) fail(request requestfile.Request, err error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.submitted++
	b.failures.add(request.Line, requestfile.LineError(request.Line, err), false)
	switch {
	case errors.Is(err, xiexus.ErrUnauthorized):
		b.misses = mostMisses // all requests use the same key
	case concernsRelay(err):
		b.misses++
	default:
		b.misses = 0
	}
}

// concernsRelay reports whether other requests would probably have the same error: the
// relay does not respond, or not to this key now.
func concernsRelay(err error) bool {
	var uncertain *xiexus.CreateUncertainError
	var response *xiexus.APIError
	return errors.As(err, &uncertain) || errors.Is(err, xiexus.ErrForbidden) || errors.Is(err, xiexus.ErrQuotaExceeded) ||
		errors.Is(err, xiexus.ErrRateLimited) ||
		errors.Is(err, xiexus.ErrUnavailable) && !errors.As(err, &response)
}

// record reports whether a record of a request is on the disk. Without, nothing more may
// be submitted.
func (b *batch) record(request requestfile.Request, r record) bool {
	r.Request, r.Line, r.At = request.Key, request.Line, time.Now().UTC()
	err := b.results.add(r)
	if err == nil {
		return true
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.fatal == nil {
		b.fatal = fmt.Errorf("--results: %w", err)
	}
	return false
}

// result returns the error of the command, if waiting for the tasks had some error.
func (b *batch) result(ctx context.Context, waiting error) error {
	b.lock.Lock()
	defer b.lock.Unlock()
	more := ""
	if left := len(b.pending) - b.submitted; left > 0 {
		more = fmt.Sprintf("; %d of %d requests were not submitted", left, b.total)
	}
	failed := b.failures.err(b.total)
	switch {
	case b.fatal != nil:
		return fmt.Errorf("%w%s", b.fatal, more)
	case interrupted(ctx):
		return fmt.Errorf("%w%s; to resume, run the same command again", interruptedError{}, more)
	case failed == nil && waiting == nil:
		return nil
	case failed == nil:
		failed = waiting
	case waiting != nil && !errors.Is(waiting, errNoIDs):
		b.app.printError(waiting)
	}
	if more != "" {
		more += "; to submit them, run the same command again"
	}
	return fmt.Errorf("%w%s", failed, more)
}
