package lag

import (
	"math/rand/v2"
	"time"
)

// peer is another client's way to wait. It polls a task at once, and then after its
// delays, with a request of its own. A Retry-After replaces a delay. None knows how long
// a video takes.
type peer struct {
	name  string
	fixed bool // all delays are alike, apart from jitter
	// start returns the delays of one wait.
	start func(*rand.Rand) delays
}

// delays returns the delay after a poll, when a wait has lasted so long.
type delays func(waited time.Duration) time.Duration

func peers() []peer {
	return []peer{
		every("openai-go, 1 s", time.Second, 0),
		every("vercel/ai, 5 s", 5*time.Second, 0),
		every("runway, 6 s ± 1.5", 6*time.Second, 1500*time.Millisecond),
		every("azcore, 30 s", 30*time.Second, 0),
		{name: "relay's advice, 5/10/30 s", start: advised},
		{name: "AWS waiter, 2–120 s, jitter", start: awsWaiter},
		{name: "heygen, 2 s doubled to 30", start: growing(2*time.Second, 2, 30*time.Second)},
		{name: "plain, 2 s × 1.5 to 15", start: growing(2*time.Second, 1.5, 15*time.Second)},
	}
}

// run waits for all tasks of a relay.
func (p peer) run(r *relay, random *rand.Rand) (result tally) {
	s := newSession(r, random)
	for _, t := range r.tasks {
		p.wait(s, t, &result)
	}
	return result
}

// wait polls a task until it is completed or failed, and believes both.
func (p peer) wait(s *session, t *task, result *tally) {
	next := p.start(s.random)
	created := s.created(t)
	for at := created; ; {
		response, reading := s.get(t, at)
		result.requests++
		if response.retryAfter == 0 && reading.status != unfinished {
			result.end(response, reading)
			return
		}
		delay := response.retryAfter
		if delay == 0 {
			delay = next(response.received - created)
		}
		at = response.received + delay
	}
}

func every(name string, delay, jitter time.Duration) peer {
	return peer{name: name, fixed: true, start: func(random *rand.Rand) delays {
		return func(time.Duration) time.Duration {
			return delay + time.Duration((2*random.Float64()-1)*float64(jitter))
		}
	}}
}

// advised polls every 5 s for a minute, every 10 s up to the fifth, then every 30 s.
func advised(*rand.Rand) delays {
	return func(waited time.Duration) time.Duration {
		switch {
		case waited < time.Minute:
			return 5 * time.Second
		case waited < 5*time.Minute:
			return 10 * time.Second
		}
		return 30 * time.Second
	}
}

// awsWaiter draws delays between the shortest and a ceiling that doubles.
func awsWaiter(random *rand.Rand) delays {
	const shortest, longest = 2 * time.Second, 2 * time.Minute
	ceiling := shortest
	return func(time.Duration) time.Duration {
		delay := shortest + time.Duration(random.Float64()*float64(ceiling-shortest))
		ceiling = min(2*ceiling, longest)
		return delay
	}
}

func growing(first time.Duration, factor float64, longest time.Duration) func(*rand.Rand) delays {
	return func(*rand.Rand) delays {
		next := first
		return func(time.Duration) time.Duration {
			delay := next
			next = min(time.Duration(float64(next)*factor), longest)
			return delay
		}
	}
}
