package xiexus

import (
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
)

// learned is what a client has learned about its relay from the responses about all
// tasks.
type learned struct {
	share float64 // in [0, 1): keeps this client's polls apart from those of others

	mu        sync.Mutex
	beat      poll.Beat
	noBatches bool // the relay refuses the batch route
	mostBatch int  // how many tasks a batch may read; 0 if no response was too large
	batches   batchRecord
	created   map[string]time.Time
	pruneAt   int // the size of created at which old entries are removed
}

func newLearned() *learned {
	return &learned{share: rand.Float64(), created: map[string]time.Time{}}
}

// next is [poll.Schedule.Next] with the beat that all tasks share. A client that does not
// know the beat yet takes that of the state, which may come from another process.
func (l *learned) next(schedule poll.Schedule, state poll.State, seen poll.Observation) (poll.State, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.beat.Phase != 0 {
		state.Beat = l.beat
	}
	state, delay := schedule.Next(state, seen, l.share)
	l.beat = state.Beat
	return state, delay
}

// rememberCreated records when a task was created: the response to the request that created
// it is its first reading.
func (l *learned) rememberCreated(taskID string, seen poll.Observation) {
	l.next(poll.Schedule{}, poll.State{}, seen)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.created) >= l.pruneAt {
		maps.DeleteFunc(l.created, func(_ string, at time.Time) bool {
			return seen.ReceivedAt.Sub(at) > poll.LongestRetryAfter
		})
		l.pruneAt = max(1000, 2*len(l.created))
	}
	l.created[taskID] = seen.ReceivedAt
}

// firstPoll returns when the first poll of a task is due: now, or, if this client has just
// created it, when it can have changed.
func (l *learned) firstPoll(taskID string, schedule poll.Schedule, now time.Time) time.Time {
	l.mu.Lock()
	createdAt, found := l.created[taskID]
	l.mu.Unlock()
	if !found {
		return now
	}
	_, delay := l.next(schedule, poll.State{}, poll.Observation{Created: true, ReceivedAt: createdAt})
	if due := createdAt.Add(delay); due.After(now) {
		return due
	}
	return now
}

// refuseBatches records that the relay refuses the batch route, and reports whether that
// is new.
func (l *learned) refuseBatches() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	isNew := !l.noBatches
	l.noBatches = true
	return isNew
}

// batchRecord is how the batches of a client have gone so far.
type batchRecord struct {
	works  bool // one has been read
	failed bool // the last one was not
	doubts int  // tasks that could be read on their own after a batch had failed, in a row
}

// mostBatchDoubts is after how many doubts batches that have worked are given up. A gateway
// that has failed for a while may let the read of a task pass just before the next batch.
const mostBatchDoubts = 3

// batchesWork reports whether a batch has ever been read.
func (l *learned) batchesWork() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.batches.works
}

// recordBatch records whether a batch has been read.
func (l *learned) recordBatch(read bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if read {
		l.batches = batchRecord{works: true}
	} else {
		l.batches.failed = true
	}
}

// doubtBatches records that the documented route works after batches have failed.
func (l *learned) doubtBatches() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.batches.works {
		l.noBatches = true
	}
	if l.batches.failed {
		l.batches.failed = false
		l.batches.doubts++
	}
	if l.batches.doubts >= mostBatchDoubts {
		l.noBatches = true
	}
}

func (l *learned) refusesBatches() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.noBatches
}

// halveBatches records that the response to a batch of a size was too large.
func (l *learned) halveBatches(size int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if half := size / 2; l.mostBatch == 0 || half < l.mostBatch {
		l.mostBatch = half
	}
}

// hasLargeTasks reports whether a batch was too large, so that tasks take megabytes.
func (l *learned) hasLargeTasks() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mostBatch > 0
}

// batchSize returns how many tasks a batch may read, zero if none.
func (l *learned) batchSize(wanted int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.noBatches || wanted <= 1:
		return 0
	case l.mostBatch > 0:
		return min(wanted, l.mostBatch)
	}
	return wanted
}
