package lag

import (
	"iter"
	"math/rand/v2"
	"slices"
	"time"
)

// relay is a New API server, as it was from its start until its last task ended. The
// polls of clients do not change when it stores what.
type relay struct {
	world
	skew  time.Duration // of its clock, against the client's
	tasks []*task       // of the client, in the order of submission
}

func newRelay(w world, random *rand.Rand) *relay {
	channels := make([]*channel, w.channels)
	for i := range channels {
		channels[i] = &channel{tasks: w.newTasks(random)}
	}
	w.run(channels, random)
	if w.chained { // that was the other relay
		for _, c := range channels {
			c.chain()
		}
		w.run(channels, random)
	}
	r := &relay{world: w, skew: uniform(random, 2*mostSkew) - mostSkew}
	for _, c := range channels {
		r.tasks = append(r.tasks, c.tasks...)
	}
	slices.SortFunc(r.tasks, func(a, b *task) int { return int(a.submitted - b.submitted) })
	if w.oneAtATime {
		r.tasks = oneAtATime(r.tasks)
	}
	return r
}

// mostSkew bounds how wrong clocks are.
const mostSkew = 30 * time.Second

// oneAtATime returns tasks of which each was submitted after the previous one ended.
func oneAtATime(all []*task) (tasks []*task) {
	var free time.Duration
	for _, t := range all {
		if t.submitted >= free {
			tasks = append(tasks, t)
			free = t.finished
		}
	}
	return tasks
}

// run starts passes until all tasks have ended. A pass works on all channels at the same
// time. Read from the server's source, and measured: a pass does not start while the
// previous one is running.
func (w world) run(channels []*channel, random *rand.Rand) {
	var busy time.Duration
	for start := range w.beats(random) {
		if start < busy {
			continue
		}
		done := true
		for _, c := range channels {
			busy = max(busy, c.pass(start, w, random))
			done = done && c.done()
		}
		if done {
			return
		}
	}
}

// beats yields when the scheduler wakes to start a pass. Measured: gaps of 15, 30 and
// 45 s at one phase, or of 30 and 60 s, because the scheduler skips a beat when it woke a
// little early. How often it does was not measured, nor how exactly it wakes. Here it is
// a quarter of the beats, not more than two in a row, and up to 200 ms late.
func (w world) beats(random *rand.Rand) iter.Seq[time.Duration] {
	const (
		skipChance  = 0.25
		mostSkipped = 2
		latest      = 200 * time.Millisecond
	)
	return func(yield func(time.Duration) bool) {
		skipped, restart := 0, w.restart
		for beat := uniform(random, w.period); ; beat += w.period {
			if restart > 0 && beat >= restart {
				beat = restart + uniform(random, w.period)
				restart += w.restart
			}
			if skipped < mostSkipped && random.Float64() < skipChance {
				skipped++
				continue
			}
			skipped = 0
			if !yield(beat + uniform(random, latest)) {
				return
			}
		}
	}
}

// channel is a channel of a relay: its tasks, in the order of submission.
type channel struct {
	tasks      []*task
	unfinished []*task // those that passes visit
	submitted  int     // how many tasks passes have found so far
}

func (c *channel) done() bool { return c.submitted == len(c.tasks) && len(c.unfinished) == 0 }

// pass visits the unfinished tasks that have been submitted when the pass starts, one
// after another, and returns when it ends. Read from the server's source: it sleeps for
// a second between two tasks.
func (c *channel) pass(start time.Duration, w world, random *rand.Rand) (end time.Duration) {
	const pause = time.Second
	for c.submitted < len(c.tasks) && c.tasks[c.submitted].submitted <= start {
		c.unfinished = append(c.unfinished, c.tasks[c.submitted])
		c.submitted++
	}
	next := start
	for _, t := range c.unfinished {
		end = next + upstreamLatency(random)
		if !w.realtime || random.Float64() >= refusalChance {
			t.store(t.upstreamStatus(next), end, w.everyVisit)
		}
		next = end + pause
	}
	c.unfinished = slices.DeleteFunc(c.unfinished, func(t *task) bool { return t.status == ended })
	return end
}

// refusalChance is how often the upstream of realtime tasks responds with a 429. Measured:
// a pass leaves the task as it is then.
const refusalChance = 0.005

// upstreamLatency draws how long an upstream takes to respond.
func upstreamLatency(random *rand.Rand) time.Duration {
	return logNormal(random, 400*time.Millisecond, 0.6)
}

// store stores what a visit found. Measured: the update time moves only with a change,
// and stands still while the upstream reports the same; an upstream that reports
// progress changes the task on every visit.
func (t *task) store(status upstreamStatus, at time.Duration, everyVisit bool) {
	if status != t.status || everyVisit {
		t.updates = append(t.updates, at)
	}
	t.status = status
	if status >= inProgress && t.started == 0 {
		t.started = at
	}
	if status == ended {
		t.finished = at
	}
}

// chain makes the relay that stored the tasks the upstream of another one.
func (c *channel) chain() {
	for i, t := range c.tasks {
		c.tasks[i] = &task{submitted: t.submitted, begun: t.started, ended: t.finished}
	}
	c.submitted = 0
}
