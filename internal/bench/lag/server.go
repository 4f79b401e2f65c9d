package lag

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
)

// server is one task as its relay shows it. Times are counted from the submit,
// which is also when the wait begins.
type server interface {
	// visible is from when on the answer can be seen.
	visible() time.Duration
	// seen is what a question at a time brings until then.
	seen(at time.Duration) poll.Observation
}

// work draws how long a video takes: log-normal, 90 s in the median.
func work(random *rand.Rand) time.Duration {
	const median, sigma = 90 * time.Second, 0.6
	return time.Duration(float64(median) * math.Exp(sigma*random.NormFloat64()))
}

// submitted draws when by the relay's clock, which is somewhere within a second.
func submitted(random *rand.Rand) time.Time {
	return time.Unix(1_795_330_000, random.Int64N(int64(time.Second)))
}

// realtime is a relay that asks its upstream on every read.
type realtime struct {
	ready time.Duration
	start time.Time
}

func newRealtime(random *rand.Rand) server {
	return realtime{ready: work(random), start: submitted(random)}
}

func (s realtime) visible() time.Duration { return s.ready }

func (s realtime) seen(at time.Duration) poll.Observation {
	return poll.Observation{Live: true, Date: toSecond(s.start.Add(at))}
}

// stored is a relay that looks at its tasks when its ticker ticks.
type stored struct {
	start time.Time
	ticks []time.Duration // those that were not skipped, up to the one that brings the answer
}

// The ticker as it was measured: gaps of 15, 30 and 45 s on one phase. How often
// each occurs was not; a quarter of the ticks is skipped here, two in a row at most.
const (
	period      = 15 * time.Second
	skipChance  = 0.25
	mostSkipped = 2
)

func newStored(random *rand.Rand) server {
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

func (s *stored) seen(at time.Duration) poll.Observation {
	seen := poll.Observation{Date: toSecond(s.start.Add(at)), SubmittedAt: toSecond(s.start)}
	seen.UpdatedAt = seen.SubmittedAt // until the first tick
	for _, tick := range s.ticks {
		if tick > at {
			break
		}
		seen.UpdatedAt = toSecond(s.start.Add(tick))
		if seen.StartedAt.IsZero() {
			seen.StartedAt = seen.UpdatedAt
		}
	}
	return seen
}

// toSecond cuts a time as the Date header and a relay's unix seconds are.
func toSecond(t time.Time) time.Time { return time.Unix(t.Unix(), 0) }
