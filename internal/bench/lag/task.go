package lag

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
)

// task is a task as its relay reports it. Times are counted from when it was
// submitted, which is also when the wait begins.
type task interface {
	// visible is when responses begin to contain the result.
	visible() time.Duration
	// observe is what a poll before that reveals.
	observe(at time.Duration) poll.Observation
}

// work draws how long the upstream takes for a video. This is an assumption, not a
// measurement: log-normal, with a median of 90 s.
func work(random *rand.Rand) time.Duration {
	const median, sigma = 90 * time.Second, 0.6
	return time.Duration(float64(median) * math.Exp(sigma*random.NormFloat64()))
}

// submitted draws when the task is submitted by the relay's clock: anywhere within a
// second, because relays truncate their times.
func submitted(random *rand.Rand) time.Time {
	return time.Unix(1_795_330_000, random.Int64N(int64(time.Second)))
}

// truncate stands for relays that report unix seconds, and for the Date header.
func truncate(t time.Time) time.Time { return time.Unix(t.Unix(), 0) }

// realtime stands for a task on a Gemini or Vertex channel of New API, which queries
// its upstream on every read. The result is visible as soon as it exists, and
// responses contain no times: the only clock is the Date header.
//
// It leaves out that a read may take 20 s there, and that an upstream error on a
// read can fail the task.
type realtime struct {
	ready time.Duration
	start time.Time
}

func newRealtime(random *rand.Rand) task {
	return realtime{ready: work(random), start: submitted(random)}
}

func (r realtime) visible() time.Duration { return r.ready }

func (r realtime) observe(at time.Duration) poll.Observation {
	return poll.Observation{Live: true, Date: truncate(r.start.Add(at))}
}

// stored stands for a task on any other channel of New API, whose reads return what
// the server stored when it last polled the upstream.
//
// It leaves out that a server polls the tasks of a channel one after another, a
// second apart: on a busy channel the updates of one task have no fixed phase.
type stored struct {
	start time.Time
	ticks []time.Duration // those that happen, up to the one that stores the result
}

// The ticker stands for the server poll interval, which does not depend on when a
// task is submitted. Measured on a New API server (August 2026 source): gaps of 15,
// 30 and 45 s at one phase, because a tick is skipped while the previous one is still
// at work. How often was not measured: here it is a quarter of the ticks, and not
// more than two in a row.
const (
	period      = 15 * time.Second
	skipChance  = 0.25
	mostSkipped = 2
)

func newStored(random *rand.Rand) task {
	s := &stored{start: submitted(random)}
	ready := work(random)
	skipped := 0
	for tick := time.Duration(random.Int64N(int64(period))); ; tick += period {
		if skipped < mostSkipped && random.Float64() < skipChance {
			skipped++
			continue
		}
		skipped = 0
		s.ticks = append(s.ticks, tick)
		if tick >= ready {
			return s
		}
	}
}

func (s *stored) visible() time.Duration { return s.ticks[len(s.ticks)-1] }

// observe returns the times that a stored task has: submit_time; start_time, which is
// the first tick; and updated_at, which is the submit time until the first tick. Real
// relays move updated_at only at ticks that changed something. Here every tick does,
// as with an upstream that reports progress.
func (s *stored) observe(at time.Duration) poll.Observation {
	seen := poll.Observation{Date: truncate(s.start.Add(at)), SubmittedAt: truncate(s.start)}
	seen.UpdatedAt = seen.SubmittedAt
	for _, tick := range s.ticks {
		if tick > at {
			break
		}
		seen.UpdatedAt = truncate(s.start.Add(tick))
		if seen.StartedAt.IsZero() {
			seen.StartedAt = seen.UpdatedAt
		}
	}
	return seen
}
