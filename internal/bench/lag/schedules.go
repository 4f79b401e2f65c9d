package lag

import (
	"math/rand/v2"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
)

// Ours is the name of our own schedule.
const Ours = "xiexus-go"

// schedule is a way to wait. Every schedule polls at once, and then after its delays.
type schedule struct {
	name  string
	fixed bool // all delays are alike, apart from jitter
	// start returns the delays of one wait.
	start func(random *rand.Rand) delays
}

// delays returns the delay after a poll at a time, and what it revealed.
type delays func(at time.Duration, seen poll.Observation) time.Duration

// schedules are those that are compared. None knows how long a video takes.
func schedules() []schedule {
	return []schedule{
		every("openai-go, 1 s", time.Second, 0),
		every("vercel/ai, 5 s", 5*time.Second, 0),
		every("runway, 6 s ± 1.5", 6*time.Second, 1500*time.Millisecond),
		every("azcore, 30 s", 30*time.Second, 0),
		{name: "relay's advice, 5/10/30 s", start: advised},
		{name: "AWS waiter, 2–120 s, jitter", start: awsWaiter},
		{name: "heygen, 2 s doubled to 30", start: growing(2*time.Second, 2, 30*time.Second)},
		{name: "plain, 2 s × 1.5 to 15", start: growing(2*time.Second, 1.5, 15*time.Second)},
		{name: Ours, start: ours},
	}
}

func every(name string, delay, jitter time.Duration) schedule {
	return schedule{name: name, fixed: true, start: func(random *rand.Rand) delays {
		return func(time.Duration, poll.Observation) time.Duration {
			return delay + time.Duration((2*random.Float64()-1)*float64(jitter))
		}
	}}
}

// advised polls every 5 s for a minute, every 10 s up to the fifth, then every 30 s.
func advised(*rand.Rand) delays {
	return func(at time.Duration, _ poll.Observation) time.Duration {
		switch {
		case at < time.Minute:
			return 5 * time.Second
		case at < 5*time.Minute:
			return 10 * time.Second
		}
		return 30 * time.Second
	}
}

// awsWaiter draws delays between the shortest and a ceiling that doubles.
func awsWaiter(random *rand.Rand) delays {
	const shortest, longest = 2 * time.Second, 2 * time.Minute
	ceiling := shortest
	return func(time.Duration, poll.Observation) time.Duration {
		delay := shortest + time.Duration(random.Float64()*float64(ceiling-shortest))
		ceiling = min(2*ceiling, longest)
		return delay
	}
}

func growing(first time.Duration, factor float64, longest time.Duration) func(*rand.Rand) delays {
	return func(*rand.Rand) delays {
		next := first
		return func(time.Duration, poll.Observation) time.Duration {
			delay := next
			next = min(time.Duration(float64(next)*factor), longest)
			return delay
		}
	}
}

// ours is the library's own schedule, used as Wait uses it.
func ours(random *rand.Rand) delays {
	var state poll.State
	return func(_ time.Duration, seen poll.Observation) time.Duration {
		var delay time.Duration
		state, delay = poll.Schedule{}.Next(state, seen, random.Float64())
		return delay
	}
}
