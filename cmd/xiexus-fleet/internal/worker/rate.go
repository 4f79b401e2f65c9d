package worker

import "time"

// rateWindow is how many reports a rate covers: half a minute.
const rateWindow = 10

// rate is the rate of a counter over the last reports.
type rate struct{ samples []sample }

type sample struct {
	at    time.Time
	total int64
}

// add adds what the counter shows, and returns the rate per second.
func (r *rate) add(at time.Time, total int64) float64 {
	r.samples = append(r.samples, sample{at, total})
	if len(r.samples) > rateWindow+1 {
		r.samples = r.samples[1:]
	}
	first := r.samples[0]
	seconds := at.Sub(first.at).Seconds()
	if seconds <= 0 {
		return 0
	}
	return float64(total-first.total) / seconds
}
