package xiexus

import (
	"context"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
)

// responseGrace is how long a poll that is in flight at the deadline may still take.
const responseGrace = time.Second

// endsSoon reports whether the deadline may cut off a request. Such a wait shares none with
// others, whose polls would all be cut off if the relay is slow.
func (w *wait) endsSoon() bool {
	const slow = 30 * time.Second // more than 20 s have been observed
	return !w.deadline.IsZero() && time.Until(w.deadline) < slow
}

// mayPoll reports whether a poll is allowed before the deadline.
func (w *wait) mayPoll() bool { return w.deadline.IsZero() || !w.earliest.After(w.deadline) }

// isOverdue reports whether the deadline is over.
func (w *wait) isOverdue(now time.Time) bool { return !w.deadline.IsZero() && !now.Before(w.deadline) }

// pollContext returns the context of one poll, which ends shortly after the deadline. A
// wait that comes too late for its deadline, because the caller of a WaitAll was busy,
// still gets its last poll.
func (w *wait) pollContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if w.deadline.IsZero() {
		return ctx, func() {}
	}
	deadline := w.deadline
	if now := time.Now(); now.After(deadline) {
		deadline = now
	}
	return context.WithDeadlineCause(ctx, deadline.Add(responseGrace), timeoutError{})
}

// delay delays the next poll, but not past the deadline.
func (w *wait) delay(until time.Time) {
	if w.cursor.NextAt.Before(until) {
		w.cursor.NextAt = until
		w.keepDeadline()
	}
}

// postpone forbids polls for some time.
func (w *wait) postpone(until time.Time) {
	if w.cursor.NextAt.Before(until) {
		w.earliest = until
		w.delay(until)
	}
}

// keepDeadline moves a poll that would come after the deadline, or so shortly before it
// that no other could follow, to the deadline. If no poll is allowed there yet, the wait
// ends without one.
func (w *wait) keepDeadline() {
	if !w.deadline.IsZero() && w.cursor.NextAt.After(w.deadline.Add(-poll.Floor)) {
		w.cursor.NextAt = w.deadline
	}
}

// timeoutError is the reason for the end of a wait that reached its own deadline.
type timeoutError struct{}

func (timeoutError) Error() string { return ErrWaitTimeout.Error() }

func (timeoutError) Is(target error) bool {
	return target == ErrWaitTimeout || target == context.DeadlineExceeded
}
