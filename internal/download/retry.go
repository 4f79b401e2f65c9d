package download

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/xiexus/xiexus-go/internal/retry"
)

const (
	// patience is how long requests without a video are retried, from the first of them on.
	patience = time.Minute
	// maxShorter bounds how many consecutive responses from the start may end sooner than an
	// earlier one: a server without ranges may interrupt each anywhere.
	maxShorter = 30
	// smallestPart is how many bytes of a video a range has, or there is a delay before the next:
	// a server could make the client send a request for each byte.
	smallestPart = 16 << 10
	// maxRefetched is how many times the size of a video may be received once more.
	maxRefetched = 3
)

// trouble is what has gone wrong since something new was received.
type trouble struct {
	since   time.Time // of the first error
	retries int
	stuck   int // responses that ended before anything new
	shorter int // of those, responses from the start that ended sooner than an earlier one
	ends    timeLimit
}

// complete requests the missing bytes until there are none.
func (r *run) complete(ctx context.Context) error {
	var t trouble
	for {
		before, began := r.size, time.Now()
		err := r.attempt(retry.WithAttempt(ctx, t.retries+1))
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return retry.Cause(ctx)
		case errors.Is(err, errMore) && r.size-before >= smallestPart:
			continue
		case errors.Is(err, errRange) && !r.noRanges:
			r.noRanges = true
			continue
		case errors.Is(err, ErrChecksum) && r.resumed && r.restart() == nil: // not if a disk spoiled it
			r.resumed = false
			r.Retry.Notify(err, 0)
			continue
		}
		if r.size > before && !errors.Is(err, errSlow) {
			t = trouble{ends: t.ends}
		}
		if err := r.givesUp(&t, err, began, before); err != nil {
			return err
		}
		first := retry.FirstDelay
		if errors.Is(err, ErrIncomplete) {
			first = 100 * time.Millisecond // the server is there
		}
		delay := r.judge(err).Delay(first, max(t.retries-1, 0))
		r.Retry.Notify(err, delay)
		if err := retry.Sleep(ctx, delay); err != nil {
			return err
		}
	}
}

// givesUp counts an error of an attempt. It returns the error of the transfer if there is to
// be no other attempt.
func (r *run) givesUp(t *trouble, err error, began time.Time, before int64) error {
	if t.since.IsZero() {
		t.since = began
	}
	isBroken := errors.Is(err, ErrIncomplete)
	switch {
	case !isBroken:
	case r.offset > 0 && r.offset < before:
		t.shorter++
	case r.size == before || errors.Is(err, errSlow):
		t.stuck++
	}
	if r.size == before {
		t.retries++
	}
	limit := r.Retry.MaxRetries
	switch {
	case !r.judge(err).Retry, limit <= 0, t.stuck > limit, t.shorter > maxShorter:
		return err
	case !isBroken && t.retries > limit && time.Since(t.since) >= patience:
		return err
	case isBroken && t.ends.repeats(err, time.Since(began)) && !r.canResume():
		return incomplete("the server ended three responses after %s each, and resumes none: received %s; use a faster "+
			"connection, or ask the operator of the server to allow more time", t.ends.after.Round(time.Second), r.received())
	case r.refetched > maxRefetched*max(r.largest, r.size):
		return incomplete("the server resumes no response, and has sent %d bytes again: received %s", r.refetched, r.received())
	}
	return nil
}

// canResume reports whether the server sends only what is missing, as far as is known.
func (r *run) canResume() bool {
	return !r.noRanges && !r.ignored && r.version.Validator != ""
}

// received describes how much of the video was received.
func (r *run) received() string {
	if r.version.Size < 0 {
		return fmt.Sprintf("%d bytes", r.size)
	}
	return fmt.Sprintf("%d of %d bytes", r.size, r.version.Size)
}

// timeLimit is how long the last responses of a server took.
type timeLimit struct {
	after time.Duration
	times int
}

// repeats adds a response that was broken, and reports whether it was the third in a row
// that took the same time, which is too long for an accident.
func (l *timeLimit) repeats(err error, took time.Duration) bool {
	const shortest, tolerance = 5 * time.Second, 2 * time.Second
	if took < shortest || errors.Is(err, errIdle) || errors.Is(err, errSlow) {
		*l = timeLimit{}
		return false
	}
	if (took - l.after).Abs() > tolerance {
		l.times = 0
	}
	l.after = took
	l.times++
	return l.times >= 3
}

// judge decides whether an error is retried.
func (t Transfer) judge(err error) retry.Verdict {
	switch {
	case errors.Is(err, ErrTarget), errors.Is(err, ErrChanged): // even if they wrap others
		return retry.Verdict{}
	case errors.Is(err, ErrIncomplete):
		return retry.Verdict{Retry: true}
	}
	return t.Retry.Judge(err)
}
