// Package lag simulates relays and their clients: how many requests each schedule makes,
// and how long after a result became visible the client receives it. There is no clock
// and no network, and the numbers are the same on every run.
//
// What comments call measured was measured on a New API server built from its August 2026
// source. The rest is assumed:
//
//   - A video takes the upstream 90 s, log-normal with sigma 0.6; a response of the
//     upstream 0.4 s, sigma 0.6; the network 60 ms in each direction, sigma 0.3.
//   - On a quiet relay each of five channels gets a task every ten minutes, at random. The
//     busy channel gets one every 3.5 s: it has about 40 at once, and passes last a minute.
//   - A scheduler skips a quarter of its beats, not more than two in a row, and wakes up to
//     200 ms late. A restart takes no time.
//   - Clocks are up to 30 s wrong, but do not drift.
//   - An upstream of realtime tasks responds to every 200th query with a 429.
//   - Where requests fail, they do so at random, with a Retry-After of 5 s.
//
// Left out are limits of requests in flight, that responses get slower under load, and
// tasks that fail at the upstream.
//
// The lag counts from when the route that returned the result could first do so. For a
// realtime task that is when the upstream has the result, but in a batch when a pass has
// stored it, about 12 s later on average.
package lag

import (
	"math/rand/v2"
	"slices"
	"time"
)

// World is a kind of relay, and how each schedule performs on it.
type World struct {
	Name, Description string
	Rows              []Row
}

// Row is what one schedule costs.
type Row struct {
	Name      string
	Ours      bool
	Fixed     bool          // all delays of the schedule are alike
	Requests  float64       // per task, on average
	Lag       time.Duration // on average
	P95       time.Duration // of the lags
	Destroyed float64       // tasks in a thousand that were taken for failed, because of a poll
}

// Product is requests times seconds of lag. For a fixed delay, long or short, it is
// about half the duration of a task. Only a schedule that knows when to poll, or polls
// many tasks with one request, gets below that.
func (r Row) Product() float64 { return r.Requests * r.Lag.Seconds() }

// Simulate lets every schedule wait for the same tasks, at least this number in each
// world.
func Simulate(tasks int) []World {
	var all []World
	for i, w := range worlds() {
		relays := w.relays(tasks, uint64(i))
		result := World{Name: w.name, Description: w.description}
		for _, p := range peers() {
			row := total(relays, p.run)
			row.Name, row.Fixed = p.name, p.fixed
			result.Rows = append(result.Rows, row)
		}
		for _, o := range allOurs() {
			row := total(relays, o.run)
			row.Name, row.Ours = o.name, true
			result.Rows = append(result.Rows, row)
		}
		all = append(all, result)
	}
	return all
}

// relays returns relays with at least this number of tasks.
func (w world) relays(tasks int, seed uint64) (relays []*relay) {
	for n := 0; n < tasks; n += len(relays[len(relays)-1].tasks) {
		random := rand.New(rand.NewPCG(seed, uint64(len(relays))))
		relays = append(relays, newRelay(w, random))
	}
	return relays
}

// total returns what a schedule costs on some relays.
func total(relays []*relay, run func(*relay, *rand.Rand) tally) Row {
	var sum tally
	for i, r := range relays {
		result := run(r, rand.New(rand.NewPCG(1, uint64(i))))
		sum.requests += result.requests
		sum.destroyed += result.destroyed
		sum.lags = append(sum.lags, result.lags...)
	}
	return sum.row()
}

// tally is what a schedule cost.
type tally struct {
	requests, destroyed int
	lags                []time.Duration // one for each task that was not destroyed
}

// end adds a task that a client takes for completed or failed. No upstream fails a task:
// only a read does.
func (t *tally) end(response response, reading reading) {
	if reading.status == failed {
		t.destroyed++
		return
	}
	t.lags = append(t.lags, response.received-reading.visible)
}

func (t *tally) row() Row {
	slices.Sort(t.lags)
	var sum time.Duration
	for _, lag := range t.lags {
		sum += lag
	}
	n := len(t.lags)
	tasks := float64(n + t.destroyed)
	return Row{
		Requests:  float64(t.requests) / tasks,
		Lag:       sum / time.Duration(n),
		P95:       t.lags[n*95/100],
		Destroyed: 1000 * float64(t.destroyed) / tasks,
	}
}
