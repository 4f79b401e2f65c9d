// Package lag simulates waits: how often each way of waiting asks, and how long
// after the answer could be seen it sees it. There is no clock and no network,
// and the numbers are the same each time.
package lag

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Relay is a kind of relay, and how each schedule does on it.
type Relay struct {
	Name string // how it answers
	Rows []Row
}

// Row is what one schedule cost.
type Row struct {
	Name      string
	Fixed     bool          // its delays are alike
	Questions float64       // a task, in the mean
	Lag       time.Duration // in the mean
	P95       time.Duration // of the lags
}

// Product is questions times seconds of lag: of a fixed delay, long or short, it
// is about half the time that a task takes. Only knowing when to ask lowers it.
func (r Row) Product() float64 { return r.Questions * r.Lag.Seconds() }

// Simulate lets every schedule wait for the same tasks.
func Simulate(tasks int) []Relay {
	relays := []struct {
		name      string
		newServer func(*rand.Rand) server
	}{{"stored by the relay", newStored}, {"asked for in real time", newRealtime}}
	var all []Relay
	for _, relay := range relays {
		result := Relay{Name: relay.name}
		for _, schedule := range schedules() {
			result.Rows = append(result.Rows, run(schedule, relay.newServer, tasks))
		}
		all = append(all, result)
	}
	return all
}

func run(schedule schedule, newServer func(*rand.Rand) server, tasks int) Row {
	taskSeed, jitter := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(3, 4))
	var asked int
	var total time.Duration
	lags := make([]time.Duration, 0, tasks)
	for range tasks {
		questions, lag := wait(newServer(taskSeed), schedule.begin(jitter))
		asked += questions
		total += lag
		lags = append(lags, lag)
	}
	slices.Sort(lags)
	return Row{
		Name:      schedule.name,
		Fixed:     schedule.fixed,
		Questions: float64(asked) / float64(tasks),
		Lag:       total / time.Duration(tasks),
		P95:       lags[tasks*95/100],
	}
}

// wait asks until the answer is there.
func wait(server server, next delays) (questions int, lag time.Duration) {
	var at time.Duration
	for questions = 1; at < server.visible(); questions++ {
		at += next(at, server.seen(at))
	}
	return questions, at - server.visible()
}
