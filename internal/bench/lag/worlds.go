package lag

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// world is a kind of relay, and what happens on it. Unless it says otherwise, a relay
// has five channels with a task every ten minutes each, starts a pass every 15 s, and
// changes a task's update time only when the task changed.
type world struct {
	name, description string

	period        time.Duration // between two passes, at least
	restart       time.Duration // how often the relay restarts, or zero
	chained       bool          // the upstream of the relay is another relay
	realtime      bool          // the documented route queries the upstream
	everyVisit    bool          // every visit of a pass moves the update time
	failureChance float64       // of a request

	channels int
	// submissions draws when the tasks of a channel are submitted.
	submissions func(*rand.Rand) []time.Duration
	// oneAtATime leaves all tasks but one at a time to other clients.
	oneAtATime bool
}

func worlds() []world {
	quiet := world{period: 15 * time.Second, channels: 5, submissions: poisson(10*time.Minute, 8*time.Hour)}
	busy := quiet
	busy.channels, busy.submissions = 1, poisson(3500*time.Millisecond, 2*time.Hour)
	return []world{
		quiet.with("A", "quiet, every visit moves the update time", func(w *world) { w.everyVisit = true }),
		quiet.with("B", "quiet", func(*world) {}),
		quiet.with("B2", "quiet, behind another relay", func(w *world) { w.chained = true }),
		quiet.with("C", "quiet, a pass every 30 s", func(w *world) { w.period = 30 * time.Second }),
		busy.with("D", "busy channel, one task at a time is the client's", func(w *world) { w.oneAtATime = true }),
		busy.with("D2", "busy channel, all its tasks are the client's", func(*world) {}),
		quiet.with("E", "realtime tasks; in batches the lag counts from when a pass stored the result", func(w *world) { w.realtime = true }),
		quiet.with("F", "1,000 tasks submitted within 3 minutes, 100 a channel", func(w *world) {
			w.channels, w.submissions = 10, burst(100, 3*time.Minute)
		}),
		quiet.with("G", "quiet, 5% of the requests fail", func(w *world) { w.failureChance = 0.05 }),
		quiet.with("H", "quiet, restarts every half hour", func(w *world) { w.restart = 30 * time.Minute }),
	}
}

// with returns a changed copy.
func (w world) with(name, description string, change func(*world)) world {
	w.name, w.description = name, description
	change(&w)
	return w
}

// poisson submits tasks at random times, for so long.
func poisson(interval, length time.Duration) func(*rand.Rand) []time.Duration {
	return func(random *rand.Rand) []time.Duration {
		var times []time.Duration
		for at := time.Duration(0); ; {
			at += time.Duration(random.ExpFloat64() * float64(interval))
			if at > length {
				return times
			}
			times = append(times, at)
		}
	}
}

// burst submits n tasks within a time.
func burst(n int, within time.Duration) func(*rand.Rand) []time.Duration {
	return func(random *rand.Rand) []time.Duration {
		times := make([]time.Duration, n)
		for i := range times {
			times[i] = uniform(random, within)
		}
		slices.Sort(times)
		return times
	}
}

// task is a task of a relay. Times are counted from the start of the relay.
type task struct {
	submitted    time.Duration
	begun, ended time.Duration // when the upstream begins to report these

	// What the passes of the relay stored, and when. Updates are the times that the
	// update time had.
	started, finished time.Duration
	updates           []time.Duration
	status            upstreamStatus // at the last visit
}

// upstreamStatus is what the upstream reports of a task.
type upstreamStatus int

const (
	notVisited upstreamStatus = iota
	waiting
	inProgress
	ended
)

func (t *task) upstreamStatus(at time.Duration) upstreamStatus {
	switch {
	case at >= t.ended:
		return ended
	case at >= t.begun:
		return inProgress
	}
	return waiting
}

// newTasks draws the tasks of a channel, in the order of their submission. An upstream
// reports a task as in progress from its submission on.
func (w world) newTasks(random *rand.Rand) []*task {
	var tasks []*task
	for _, at := range w.submissions(random) {
		// How long upstreams take for a video.
		const median, sigma = 90 * time.Second, 0.6
		tasks = append(tasks, &task{submitted: at, begun: at, ended: at + logNormal(random, median, sigma)})
	}
	return tasks
}

func logNormal(random *rand.Rand, median time.Duration, sigma float64) time.Duration {
	return time.Duration(float64(median) * math.Exp(sigma*random.NormFloat64()))
}

// uniform draws a duration that is shorter than the limit.
func uniform(random *rand.Rand, limit time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(limit)))
}
