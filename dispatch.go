package xiexus

import (
	"container/heap"
	"context"
	"time"
)

// startDue starts the polls that are due, as far as the concurrency allows, and returns how
// long to sleep before more are due. Tasks that are due together share a request.
func (s *scheduler) startDue(ctx context.Context) time.Duration {
	const untilAnythingHappens = time.Hour
	var batch []*wait
	defer func() { s.start(ctx, batch) }()
	size, large := s.client.learned.batchSize(s.batchSize), s.client.learned.hasLargeTasks()
	for len(s.queue) > 0 {
		opensRequest, room := len(batch) == 0, s.concurrency-s.slots-len(s.finished)
		if opensRequest && (room <= 0 || large && room < min(size, s.concurrency)) {
			break
		}
		if ctx.Err() == nil {
			if idle := time.Until(s.queue[0].cursor.NextAt); idle > 0 {
				if s.oneStep {
					s.queue = nil // after a 429
				}
				return idle
			}
			if s.postponeFirst() {
				continue
			}
		}
		if !opensRequest && (!s.queue[0].canBatch() || s.queue[0].endsSoon() != batch[0].endsSoon()) {
			s.start(ctx, batch)
			batch = nil
			continue
		}
		w := heap.Pop(&s.queue).(*wait)
		if w.fresh {
			w.fresh = false
			s.unpolled--
		}
		batch = append(batch, w)
		if len(batch) >= size || large && len(batch) >= room || !w.canBatch() {
			s.start(ctx, batch)
			batch = nil
		}
	}
	return untilAnythingHappens
}

// start polls tasks with one request. It takes one slot, or, if tasks are large, one for
// each task that it may end: the slots bound what is held until the caller takes it.
func (s *scheduler) start(ctx context.Context, waits []*wait) {
	if len(waits) == 0 {
		return
	}
	slots := 1
	if s.client.learned.hasLargeTasks() {
		slots = len(waits)
	}
	s.slots += slots
	s.running.Go(func() {
		result := request{slots: slots}
		defer func() {
			result.panicked = recover()
			s.results <- result
		}()
		result.steps = s.client.stepTogether(ctx, waits)
	})
}

// postponeFirst postpones the wait that is due first until polls resume, but not past its
// deadline, and reports whether that has moved it. Waits are postponed when they are due,
// because going through all of them for each 429 would take long.
func (s *scheduler) postponeFirst() bool {
	w := s.queue[0]
	due := w.cursor.NextAt
	w.postpone(s.resumeAt)
	if w.cursor.NextAt.Equal(due) {
		return false
	}
	heap.Fix(&s.queue, 0)
	return true
}
