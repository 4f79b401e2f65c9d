package lag

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
)

// ours is the schedule of this library, used as the client uses it.
type ours struct {
	name    string
	batches bool // the relay has the batch route
}

func allOurs() []ours {
	return []ours{
		{name: "xiexus-go", batches: true},
		{name: "xiexus-go, no batches", batches: false},
	}
}

// run waits for all tasks of a relay, with one client.
func (o ours) run(r *relay, random *rand.Rand) tally {
	c := &client{ours: o, session: newSession(r, random), share: random.Float64()}
	for _, t := range r.tasks {
		c.create(t)
	}
	for c.queue.Len() > 0 {
		c.step()
	}
	return c.cost
}

// client is a client of ours. All its waits share what it knows about the beat of the
// relay.
type client struct {
	ours
	*session
	share float64 // constant, so that tasks that share a beat are polled at once
	beat  poll.Beat
	queue queue
	cost  tally
}

// wait is the wait for one task.
type wait struct {
	task  *task
	state poll.State
	known bool // whether the task is realtime, from a read
}

// result is a response and what it reports, for each wait that the request was for.
type result struct {
	response
	created  bool
	batch    int // the number of tasks, if the batch route was read
	waits    []*wait
	readings []reading
}

// create lets the client receive the response to the request that created a task. The
// request is not counted: every client sends it.
func (c *client) create(t *task) {
	received := c.created(t)
	c.queue.receive(&result{
		response: response{sent: t.submitted - c.oneWay(), received: received, date: c.clock(t.submitted)},
		created:  true,
		waits:    []*wait{{task: t}},
		readings: []reading{{task: t}},
	})
}

// step receives the next response, or polls the tasks that are due next.
func (c *client) step() {
	next := c.queue.next()
	if next.result != nil {
		c.receive(next.result)
		return
	}
	c.poll(c.queue.due(next), next.at)
}

// poll reads tasks: as many as possible with one request.
func (c *client) poll(due []*wait, now time.Duration) {
	const mostInBatch = 100
	var batch []*wait
	for _, w := range due {
		if !c.mayBatch(w) {
			c.readOne(w, now)
			continue
		}
		batch = append(batch, w)
	}
	if len(batch) == 1 && !batch[0].state.Realtime {
		c.readOne(batch[0], now)
		return
	}
	for chunk := range slices.Chunk(batch, mostInBatch) {
		c.readMany(chunk, now)
	}
}

// mayBatch reports whether a task can be read with others. The documented route shows
// whether a task is realtime, and only that route can correct a doubtful failure.
func (c *client) mayBatch(w *wait) bool {
	return c.batches && (w.known || !c.realtime) && w.state.Doubts == 0
}

// readOne reads a task through the documented route.
func (c *client) readOne(w *wait, now time.Duration) {
	c.cost.requests++
	response, read := c.get(w.task, now)
	c.queue.receive(&result{response: response, waits: []*wait{w}, readings: []reading{read}})
}

// readMany reads tasks through the batch route.
func (c *client) readMany(waits []*wait, now time.Duration) {
	c.cost.requests++
	tasks := make([]*task, len(waits))
	for i, w := range waits {
		tasks[i] = w.task
	}
	response, readings := c.batch(tasks, now)
	c.queue.receive(&result{response: response, batch: len(tasks), waits: waits, readings: readings})
}

// receive ends the waits whose tasks have ended, and schedules the next poll of others.
func (c *client) receive(r *result) {
	for i, w := range r.waits {
		var delay time.Duration
		w.state.Beat = c.beat
		w.state, delay = poll.Schedule{}.Next(w.state, r.observe(i), c.share)
		c.beat = w.state.Beat
		if r.retryAfter == 0 && isBelieved(r.readings[i], w.state) {
			c.cost.end(r.response, r.readings[i])
			continue
		}
		w.known = w.known || r.retryAfter == 0 && !r.created
		c.queue.poll(w, r.received+delay)
	}
}

// isBelieved reports whether a task is taken for completed or failed. A failure may not
// be final, so it is read again.
func isBelieved(r reading, state poll.State) bool {
	const mostDoubts = 3
	return r.status == completed || state.Doubts >= mostDoubts
}

// observe returns what a result reveals about when to poll one of its tasks.
func (r *result) observe(i int) poll.Observation {
	seen := poll.Observation{
		Created:    r.created,
		Failed:     r.retryAfter > 0,
		Batch:      r.batch,
		RetryAfter: r.retryAfter,
		SentAt:     epoch.Add(r.sent),
		ReceivedAt: epoch.Add(r.received),
		Date:       r.date,
	}
	if seen.Failed || seen.Created {
		return seen
	}
	task := r.readings[i]
	seen.Live, seen.Doubtful = task.live, task.status == failed
	seen.SubmittedAt, seen.StartedAt, seen.UpdatedAt = task.submitted, task.started, task.updated
	return seen
}
