package lag

import (
	"math/rand/v2"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
)

// Ours is the name of our own schedule.
const Ours = "xiexus-go"

// schedule is a way to wait. All ask at once, and then after these delays.
type schedule struct {
	name string
	// fixed is a schedule whose delays are alike from the first to the last.
	fixed bool
	// begin returns the delays of one wait, each after one more question.
	begin func(random *rand.Rand) delays
}

// delays returns how long to wait after a question at a time and what it brought.
type delays func(at time.Duration, seen poll.Observation) time.Duration

// schedules are those that are compared. None knows how long a video takes.
func schedules() []schedule {
	return []schedule{
		every("openai-go, 1 s", time.Second, 0),
		every("vercel/ai, 5 s", 5*time.Second, 0),
		every("runway, 6 s ± 1.5", 6*time.Second, 1500*time.Millisecond),
		every("azcore, 30 s", 30*time.Second, 0),
		{name: "relay's advice, 5/10/30 s", begin: advised},
		{name: "AWS waiter, 2–120 s, jitter", begin: awsWaiter},
		{name: "heygen, 2 s doubled to 30", begin: growing(2*time.Second, 2, 30*time.Second)},
		{name: "plain, 2 s × 1.5 to 15", begin: growing(2*time.Second, 1.5, 15*time.Second)},
		{name: Ours, begin: ours},
	}
}

func every(name string, delay, jitter time.Duration) schedule {
	return schedule{name: name, fixed: true, begin: func(random *rand.Rand) delays {
		return func(time.Duration, poll.Observation) time.Duration {
			return delay + time.Duration((2*random.Float64()-1)*float64(jitter))
		}
	}}
}

// advised is every 5 s in the first minute, 10 s up to the fifth, 30 s after.
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

// awsWaiter draws from the shortest delay up to a ceiling that doubles.
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

// ours is the library's own schedule, driven as Wait does.
func ours(random *rand.Rand) delays {
	var state poll.State
	return func(_ time.Duration, seen poll.Observation) time.Duration {
		var delay time.Duration
		state, delay = poll.Schedule{}.Next(state, seen, random.Float64())
		return delay
	}
}
