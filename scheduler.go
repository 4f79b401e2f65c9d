package xiexus

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// scheduler shares a few workers out among the waits of one WaitAll. Its state
// belongs to run; workers and the caller are reached over channels.
type scheduler struct {
	*waitRule
	running sync.WaitGroup // run and the workers

	work      chan *wait
	answers   chan stepped
	outcomes  chan Outcome
	abandoned chan struct{} // closed when the caller takes no more outcomes

	queue       poll.Queue[*wait]
	known       idSet
	workers     int
	inFlight    int
	finished    []Outcome // not taken by the caller yet
	pausedUntil time.Time
}

// stepped is a wait that a worker has asked one question for.
type stepped struct {
	wait   *wait
	answer answer
}

func newScheduler(rule *waitRule) *scheduler {
	return &scheduler{
		waitRule:  rule,
		work:      make(chan *wait),
		answers:   make(chan stepped, rule.concurrency), // so that no worker is ever held up
		outcomes:  make(chan Outcome),
		abandoned: make(chan struct{}),
		known:     newIDSet(),
	}
}

// run goes on until ids is closed and every wait has ended and been taken, or
// until it is abandoned.
func (s *scheduler) run(ctx context.Context, ids <-chan string) {
	defer close(s.outcomes)
	defer close(s.work)
	ended := ctx.Done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ids != nil || s.queue.Len() > 0 || s.inFlight > 0 || len(s.finished) > 0 {
		work, next, due := s.nextWork(ctx)
		outcomes, outcome := s.nextOutcome()
		timer.Reset(due)
		select {
		case work <- next:
			s.queue.Pop()
			s.inFlight++
		case stepped := <-s.answers:
			s.inFlight--
			s.take(stepped)
		case id, open := <-ids:
			if !open {
				ids = nil
				break
			}
			s.add(id)
		case outcomes <- outcome:
			s.finished[0] = Outcome{} // let go of it
			s.finished = s.finished[1:]
		case <-timer.C:
		case <-ended:
			ids, ended = nil, nil
			s.endAll(retry.Ended(ctx))
		case <-s.abandoned:
			return
		}
	}
}

// longTime is how long to sleep when nothing is due.
const longTime = time.Hour

// nextWork returns what to hand to a worker, if anything is due and a worker may
// take it, and else how long there is nothing to do.
func (s *scheduler) nextWork(ctx context.Context) (work chan<- *wait, next *wait, idle time.Duration) {
	if s.queue.Len() == 0 || s.inFlight == s.concurrency {
		return nil, nil, longTime
	}
	next = s.queue.First()
	due := next.nextAt
	if due.Before(s.pausedUntil) {
		due = s.pausedUntil
	}
	if wait := time.Until(due); wait > 0 {
		return nil, nil, wait
	}
	if s.inFlight == s.workers {
		s.workers++
		s.running.Go(func() { s.ask(ctx) })
	}
	return s.work, next, longTime
}

// ask is a worker.
func (s *scheduler) ask(ctx context.Context) {
	for w := range s.work {
		s.answers <- stepped{w, s.step(ctx, w)}
	}
}

func (s *scheduler) nextOutcome() (chan<- Outcome, Outcome) {
	if len(s.finished) == 0 {
		return nil, Outcome{}
	}
	return s.outcomes, s.finished[0]
}

// add begins the wait for a task, unless its id came before.
func (s *scheduler) add(id string) {
	if !s.known.add(id) {
		return
	}
	if err := s.client.checkTaskID(id); err != nil {
		s.finished = append(s.finished, Outcome{TaskID: id, Err: err})
		return
	}
	w := newWait(id)
	w.nextAt = w.started // not the zero time: who came later is due later
	s.queue.Push(w)
}

// take takes in what a question has brought.
func (s *scheduler) take(stepped stepped) {
	w, answer := stepped.wait, stepped.answer
	if until := time.Now().Add(answer.pause); answer.pause > 0 && until.After(s.pausedUntil) {
		s.pausedUntil = until
	}
	if answer.task != nil && s.progress != nil {
		s.progress(answer.task)
	}
	if answer.ended {
		s.finish(w, answer.err)
		return
	}
	w.shrink(s.progress != nil)
	s.queue.Push(w)
}

// endAll ends the waits that no worker is busy with.
func (s *scheduler) endAll(reason error) {
	for s.queue.Len() > 0 {
		w := s.queue.Pop()
		s.finish(w, w.endedBy(reason))
	}
}

func (s *scheduler) finish(w *wait, err error) {
	s.finished = append(s.finished, Outcome{TaskID: w.taskID, Task: w.task, Err: err})
}

// Due is when the next question is due.
func (w *wait) Due() time.Time { return w.nextAt }

// shrink lets go of what a waiting task does not need. shared reports that
// somebody else may hold the task.
func (w *wait) shrink(shared bool) {
	if w.task == nil || w.task.Raw == nil {
		return
	}
	if shared {
		task := *w.task
		w.task = &task
	}
	w.task.Raw = nil
	if w.task.TaskID == w.taskID {
		w.task.TaskID = w.taskID // one copy of the text
	}
}

// idSet knows ids again by a hash of 128 bits, which no two ids share in practice.
type idSet struct {
	seeds [2]maphash.Seed
	ids   map[[2]uint64]struct{}
}

func newIDSet() idSet {
	return idSet{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, ids: map[[2]uint64]struct{}{}}
}

// add reports whether id is new.
func (s idSet) add(id string) bool {
	hash := [2]uint64{maphash.String(s.seeds[0], id), maphash.String(s.seeds[1], id)}
	if _, known := s.ids[hash]; known {
		return false
	}
	s.ids[hash] = struct{}{}
	return true
}
