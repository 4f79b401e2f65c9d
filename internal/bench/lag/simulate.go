// Package lag simulates waits: how many polls each schedule makes, and how long
// after a result became visible it receives it. There is no clock and no network,
// and the numbers are the same on every run.
package lag

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Relay is a kind of relay, and how each schedule performs on it.
type Relay struct {
	Name string
	Rows []Row
}

// Row is what one schedule costs.
type Row struct {
	Name  string
	Fixed bool          // all delays of the schedule are alike
	Polls float64       // per task, on average
	Lag   time.Duration // on average
	P95   time.Duration // of the lags
}

// Product is polls times seconds of lag. For a fixed delay, long or short, it is
// about half the duration of a task. Only a schedule that knows when to poll gets
// below that.
func (r Row) Product() float64 { return r.Polls * r.Lag.Seconds() }

// Simulate lets every schedule wait for the same tasks.
func Simulate(tasks int) []Relay {
	relays := []struct {
		name    string
		newTask func(*rand.Rand) task
	}{{"stored", newStored}, {"realtime", newRealtime}}
	var all []Relay
	for _, relay := range relays {
		result := Relay{Name: relay.name}
		for _, schedule := range schedules() {
			result.Rows = append(result.Rows, run(schedule, relay.newTask, tasks))
		}
		all = append(all, result)
	}
	return all
}

func run(schedule schedule, newTask func(*rand.Rand) task, tasks int) Row {
	taskRandom, jitter := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(3, 4))
	var polls int
	var total time.Duration
	lags := make([]time.Duration, 0, tasks)
	for range tasks {
		n, lag := wait(newTask(taskRandom), schedule.start(jitter))
		polls += n
		total += lag
		lags = append(lags, lag)
	}
	slices.Sort(lags)
	return Row{
		Name:  schedule.name,
		Fixed: schedule.fixed,
		Polls: float64(polls) / float64(tasks),
		Lag:   total / time.Duration(tasks),
		P95:   lags[tasks*95/100],
	}
}

// wait polls until the result is visible.
func wait(t task, next delays) (polls int, lag time.Duration) {
	var at time.Duration
	for polls = 1; at < t.visible(); polls++ {
		at += next(at, t.observe(at))
	}
	return polls, at - t.visible()
}
