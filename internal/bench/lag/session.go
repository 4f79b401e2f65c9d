package lag

import (
	"math/rand/v2"
	"time"
)

// session is one client's use of a relay.
type session struct {
	*relay
	random *rand.Rand
	failed map[*task]bool // by a read
}

func newSession(r *relay, random *rand.Rand) *session {
	return &session{relay: r, random: random, failed: map[*task]bool{}}
}

// response is a response of the relay, without what it reports of tasks.
type response struct {
	sent, received time.Duration // by the client's clock
	date           time.Time
	retryAfter     time.Duration // if the request failed
}

// reading is what a response reports of a task.
type reading struct {
	task                        *task
	status                      status
	live                        bool          // the upstream was queried
	visible                     time.Duration // since when this route reports that the task is completed
	submitted, started, updated time.Time
}

type status int

const (
	unfinished status = iota
	completed
	failed // without a reason
)

// get reads a task through the documented route.
func (s *session) get(t *task, sent time.Duration) (response, reading) {
	r, arrived := s.request(sent)
	if r.retryAfter > 0 || !s.realtime {
		return s.respond(r, arrived), s.stored(t, arrived)
	}
	return s.respond(r, arrived+upstreamLatency(s.random)), s.live(t, arrived)
}

// batch reads tasks with one request. Measured: realtime tasks are read as the last pass
// stored them, too, and the upstream is not queried.
func (s *session) batch(tasks []*task, sent time.Duration) (response, []reading) {
	r, arrived := s.request(sent)
	readings := make([]reading, len(tasks))
	for i, t := range tasks {
		readings[i] = s.stored(t, arrived)
	}
	return s.respond(r, arrived), readings
}

// request sends a request. If it fails, it has a Retry-After, and its readings are not to
// be looked at.
func (s *session) request(sent time.Duration) (r response, arrived time.Duration) {
	r.sent = sent
	if s.failureChance > 0 && s.random.Float64() < s.failureChance {
		r.retryAfter = 5 * time.Second
	}
	return r, sent + s.oneWay()
}

func (s *session) respond(r response, at time.Duration) response {
	r.date, r.received = s.clock(at), at+s.oneWay()
	return r
}

// oneWay draws how long the network takes in one direction.
func (s *session) oneWay() time.Duration { return logNormal(s.random, 60*time.Millisecond, 0.3) }

// stored reads a task as the relay stored it. Measured: until the first visit the times of
// creation and update are equal, and the task is not started.
func (s *session) stored(t *task, at time.Duration) reading {
	r := reading{task: t, visible: t.finished, submitted: s.clock(t.submitted), updated: s.clock(t.submitted)}
	if t.started <= at {
		r.started = s.clock(t.started)
	}
	for _, update := range t.updates {
		if update > at {
			break
		}
		r.updated = s.clock(update)
	}
	switch {
	case s.failed[t]:
		r.status = failed
	case t.finished <= at:
		r.status = completed
	}
	return r
}

// live reads a task by querying its upstream. Measured: if the upstream responds with a
// 429, the relay stores the task as failed, until another query finds it otherwise.
// There are no times.
func (s *session) live(t *task, at time.Duration) reading {
	r := reading{task: t, live: true, visible: t.ended}
	s.failed[t] = s.random.Float64() < refusalChance
	switch {
	case s.failed[t]:
		r.status = failed
	case t.ended <= at:
		r.status = completed
	}
	return r
}

// clock returns the relay's clock at a time, as it reports it. Measured: Date and all
// times of tasks are cut to the second.
func (r *relay) clock(at time.Duration) time.Time {
	return epoch.Add(at + r.skew).Truncate(time.Second)
}

// epoch is what the client's clock shows when a relay starts.
var epoch = time.Unix(1_795_330_000, 0)

// created returns when the client receives the response to the submission of a task.
func (s *session) created(t *task) time.Duration { return t.submitted + s.oneWay() }
