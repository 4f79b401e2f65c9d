package xiexus

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go/internal/retry"
)

// scheduler shares the concurrency of one [Client.WaitAll], [Client.GetAll] or
// [Client.PollAll] among its waits. Its goroutine owns the state and communicates with
// polls and the caller over channels.
type scheduler struct {
	*waitConfig
	client   *Client
	running  sync.WaitGroup // the scheduler and its polls
	results  chan request
	outcomes chan Outcome
	stopped  chan struct{} // closed when no more IDs are read
	left     chan struct{} // closed when the caller takes no more outcomes
	panicked any           // what a function of the caller has panicked with

	queue    waitQueue
	known    map[string]struct{}
	pushed   uint64    // waits, so far, to the queue
	unpolled int       // waits that have not been polled yet
	slots    int       // that requests in flight take of the concurrency
	finished []Outcome // not taken by the caller yet
	resumeAt time.Time // after a 429, which delays the polls of all tasks
}

func newScheduler(c *Client, cfg *waitConfig) *scheduler {
	return &scheduler{
		waitConfig: cfg,
		client:     c,
		known:      map[string]struct{}{},
		results:    make(chan request, cfg.concurrency), // so that no poll blocks
		outcomes:   make(chan Outcome),
		stopped:    make(chan struct{}),
		left:       make(chan struct{}),
	}
}

// schedule waits for tasks and yields their outcomes.
func (c *Client) schedule(ctx context.Context, cfg *waitConfig, taskIDs iter.Seq[string], yield func(Outcome) bool) {
	ctx, cancel := context.WithCancel(ctx)
	s := newScheduler(c, cfg)
	ids := make(chan source)
	go s.feed(ctx, taskIDs, ids) // not waited for: the caller's sequence may block it
	s.deliver(ctx, cancel, ids, yield)
}

// deliver runs the scheduler and yields its outcomes. At the end it cancels ctx.
func (s *scheduler) deliver(ctx context.Context, cancel context.CancelFunc, ids <-chan source, yield func(Outcome) bool) {
	s.running.Go(func() { s.run(ctx, ids) })
	func() {
		defer s.running.Wait()
		defer cancel() // before waiting
		defer close(s.left)
		for outcome := range s.outcomes {
			if !yield(outcome) {
				return
			}
		}
	}()
	if s.panicked != nil {
		panic(s.panicked) // on the goroutine of the caller, who can recover it
	}
}

// gatherTime is how long a task waits for its first poll, so that the IDs of a fast sequence
// meet in one request.
const gatherTime = 20 * time.Millisecond

// mostUnpolled returns how many tasks may wait for their first poll: enough to keep all
// requests busy, but a fast sequence of IDs must not fill the memory.
func (s *scheduler) mostUnpolled() int {
	const least, most = 1000, 100_000
	perRequest := max(s.client.learned.batchSize(s.batchSize), 1)
	return min(max(2*s.concurrency*perRequest, least), most)
}

// run returns when the sequence has ended and all outcomes have been delivered, or when
// the caller takes no more.
func (s *scheduler) run(ctx context.Context, ids <-chan source) {
	defer close(s.outcomes)
	defer close(s.stopped)
	defer func() { s.panicked = recover() }()
	ended := ctx.Done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Reset(s.startDue(ctx))
		if s.isIdle() && ctx.Err() != nil {
			ids = s.stopReading(ctx, ids)
		}
		if s.isIdle() && ids == nil {
			return
		}
		incoming, outcomes, next := ids, s.outcomes, Outcome{}
		if s.unpolled >= s.mostUnpolled() && ctx.Err() == nil {
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
		case result := <-s.results:
			s.take(result)
		case outcomes <- next:
			s.finished[0] = Outcome{} // release it
			s.finished = s.finished[1:]
		case <-timer.C:
		case <-ended:
			ended = nil // each wait ends at its next step
		case <-s.left:
			return
		}
	}
}

func (s *scheduler) isIdle() bool {
	return len(s.queue) == 0 && s.slots == 0 && len(s.finished) == 0
}

// stopReading takes an ID that was read in the last moment. Without one, it reports that ctx
// ended before the sequence did, and returns nil: no more IDs are read.
func (s *scheduler) stopReading(ctx context.Context, ids <-chan source) <-chan source {
	if ids == nil {
		return nil
	}
	select {
	case id, open := <-ids:
		if !open {
			return nil
		}
		s.add(id)
		return ids
	default:
		err := fmt.Errorf("not all task IDs were read: %w", retry.Cause(ctx))
		s.finished = append(s.finished, Outcome{Err: err})
		return nil
	}
}

// add starts the wait for a task, unless its ID is known.
func (s *scheduler) add(next source) {
	if next.panicked != nil {
		panic(next.panicked)
	}
	if _, known := s.known[next.taskID]; known {
		return
	}
	s.known[next.taskID] = struct{}{}
	s.unpolled++
	w := newWait(s.client, s.waitConfig, next.taskID)
	if s.client.learned.batchSize(s.batchSize) > 0 {
		w.delay(time.Now().Add(gatherTime))
	}
	s.push(w)
}

// push queues a wait until its next poll is due.
func (s *scheduler) push(w *wait) {
	s.pushed++
	w.number = s.pushed
	heap.Push(&s.queue, w)
}

// take processes what a request returned.
func (s *scheduler) take(returned request) {
	if returned.panicked != nil {
		panic(returned.panicked)
	}
	s.slots -= returned.slots
	for _, result := range returned.steps {
		w := result.wait
		if errors.Is(w.err, ErrRateLimited) && w.cursor.retryAfter > 0 && w.earliest.After(s.resumeAt) {
			s.resumeAt = w.earliest
		}
		if result.task != nil && s.progress != nil {
			s.progress(result.task)
		}
		if s.oneStep && (w.settled || w.cursor.Done) {
			continue
		}
		if w.cursor.Done {
			s.finished = append(s.finished, Outcome{TaskID: w.cursor.TaskID, Task: w.task, Err: result.err})
			continue
		}
		w.releaseRaw()
		s.push(w)
	}
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
