package xiexus

import (
	"container/heap"
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
)

// Outcome is the result of the wait for one of many tasks.
type Outcome struct {
	// TaskID is the ID of the task.
	TaskID string
	// Task is the last task seen, or nil if none was. Raw may be missing unless the
	// task is completed or failed.
	Task *Task
	// Err is what [Client.Wait] returns: nil for a completed task.
	Err error
}

// WaitAll waits for many tasks concurrently and yields each when its wait is over, in the
// order in which they end. Repeated IDs are waited for only once. If an option is invalid,
// the only Outcome is that error, without a TaskID.
//
// At most [WithConcurrency] requests are in flight, by default 16, subject to
// [WithRateLimit]; the task that has been due the longest is polled first. A Retry-After
// on a 429 delays the polls of all tasks, because it applies to the relay, not to a task.
// While the loop body runs, polling continues until the number of undelivered outcomes
// reaches the concurrency. When ctx ends, every remaining task is yielded with a
// [*WaitError] that wraps the context's error. Breaking out of the loop stops everything.
//
// taskIDs is read in its own goroutine, no faster than tasks can be polled for the first
// time, so the sequence may be slow or infinite. After ctx or the loop ends, no more IDs
// are read. WaitAll uses about 600 bytes for each task that it is waiting for, and about
// 50 bytes plus the ID for each ID that it has ever read. To bound the former, let the
// sequence block.
func (c *Client) WaitAll(ctx context.Context, taskIDs iter.Seq[string], opts ...WaitOption) iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		cfg, err := newWaitConfig(opts)
		if err == nil {
			err = notNil("WaitAll", taskIDs == nil)
		}
		if err != nil {
			yield(Outcome{Err: err})
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		s := &scheduler{
			waitConfig: cfg,
			client:     c,
			known:      map[string]struct{}{},
			polled:     make(chan polled, cfg.concurrency), // so that no poll blocks
			outcomes:   make(chan Outcome),
			abandoned:  make(chan struct{}),
		}
		defer s.running.Wait()
		defer cancel() // before waiting
		defer close(s.abandoned)

		ids := make(chan string)
		go feed(ctx, taskIDs, ids) // not waited for: the caller's sequence may block it
		s.running.Go(func() { s.run(ctx, ids) })
		for outcome := range s.outcomes {
			if !yield(outcome) {
				return
			}
		}
	}
}

// feed sends the IDs until there are no more or ctx ends.
func feed(ctx context.Context, taskIDs iter.Seq[string], ids chan<- string) {
	defer close(ids)
	for id := range taskIDs {
		select {
		case ids <- id:
		case <-ctx.Done():
			return
		}
	}
}

// scheduler shares the concurrency of one [Client.WaitAll] among its waits. Its
// goroutine owns the state and communicates with polls and the caller over channels.
type scheduler struct {
	*waitConfig
	client    *Client
	running   sync.WaitGroup // the scheduler and its polls
	polled    chan polled
	outcomes  chan Outcome
	abandoned chan struct{} // closed when the caller takes no more outcomes

	queue    waitQueue
	known    map[string]struct{}
	pushed   uint64 // waits, so far, to the queue
	unpolled int    // waits that have not been polled yet
	polling  int
	finished []Outcome // not taken by the caller yet
	resumeAt time.Time // after a 429
}

// polled is a wait that has made a step, and the result of the step.
type polled struct {
	wait *wait
	task *Task
	err  error
}

// mostUnpolled bounds the tasks that have not been polled yet, so that a fast sequence of
// IDs does not fill the memory.
const mostUnpolled = 1000

// run returns when ids is closed and all outcomes have been delivered, or when the
// caller takes no more.
func (s *scheduler) run(ctx context.Context, ids <-chan string) {
	defer close(s.outcomes)
	ended := ctx.Done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ids != nil || len(s.queue) > 0 || s.polling > 0 || len(s.finished) > 0 {
		timer.Reset(s.startDue(ctx))
		incoming, outcomes, next := ids, s.outcomes, Outcome{}
		if s.unpolled >= max(mostUnpolled, s.concurrency) {
			incoming = nil // never ready
		}
		if len(s.finished) > 0 {
			next = s.finished[0]
		} else {
			outcomes = nil
		}
		select {
		case id, open := <-incoming:
			if !open {
				ids = nil
				break
			}
			s.add(id)
		case result := <-s.polled:
			s.polling--
			s.take(result)
		case outcomes <- next:
			s.finished[0] = Outcome{} // release it
			s.finished = s.finished[1:]
		case <-timer.C:
		case <-ended:
			ids, ended = nil, nil // each wait ends at its next step
		case <-s.abandoned:
			return
		}
	}
}

// startDue starts the polls that are due, as far as the concurrency allows, and
// returns how long to sleep before more are due.
func (s *scheduler) startDue(ctx context.Context) time.Duration {
	for len(s.queue) > 0 && s.polling+len(s.finished) < s.concurrency {
		if idle := time.Until(s.queue[0].cursor.NextAt); idle > 0 && ctx.Err() == nil {
			return idle
		}
		w := heap.Pop(&s.queue).(*wait)
		if w.cursor.Attempts == 0 && w.err == nil {
			s.unpolled--
		}
		s.polling++
		s.running.Go(func() {
			task, err := w.step(ctx)
			s.polled <- polled{w, task, err}
		})
	}
	const untilAnythingHappens = time.Hour
	return untilAnythingHappens
}

// add starts the wait for a task, unless its ID is known.
func (s *scheduler) add(id string) {
	if _, known := s.known[id]; known {
		return
	}
	s.known[id] = struct{}{}
	s.unpolled++
	s.push(newWait(s.client, s.waitConfig, id))
}

// push queues a wait until its next poll is due.
func (s *scheduler) push(w *wait) {
	w.postpone(s.resumeAt)
	s.pushed++
	w.number = s.pushed
	heap.Push(&s.queue, w)
}

// pause postpones all polls, but no deadlines.
func (s *scheduler) pause(until time.Time) {
	if !until.After(s.resumeAt) {
		return
	}
	s.resumeAt = until
	for _, w := range s.queue {
		w.postpone(until)
	}
	heap.Init(&s.queue)
}

// take processes the result of a step.
func (s *scheduler) take(result polled) {
	w := result.wait
	if pause := rateLimitPause(w.err); pause > 0 {
		s.pause(time.Now().Add(pause))
	}
	if result.task != nil && s.progress != nil {
		s.progress(result.task)
	}
	if w.cursor.Done {
		s.finished = append(s.finished, Outcome{TaskID: w.cursor.TaskID, Task: w.task, Err: result.err})
		return
	}
	w.releaseRaw()
	s.push(w)
}

// rateLimitPause returns how long a 429 delays all requests.
func rateLimitPause(err error) time.Duration {
	var apiErr *APIError
	if !errors.As(err, &apiErr) || !errors.Is(apiErr, ErrRateLimited) {
		return 0
	}
	return min(apiErr.RetryAfter, poll.LongestRetryAfter)
}

// releaseRaw frees what may be megabytes while the task waits for its next poll. The
// task is copied, because a progress function may have kept it.
func (w *wait) releaseRaw() {
	if w.task != nil {
		task := *w.task
		task.Raw = nil
		w.task = &task
	}
}
