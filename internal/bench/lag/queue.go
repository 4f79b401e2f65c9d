package lag

import (
	"container/heap"
	"time"
)

// queue is what happens to a client, in the order of time.
type queue struct {
	events events
	pushed int
}

// event is a response that arrives, or a task that is due.
type event struct {
	at     time.Duration
	number int // keeps the order of events at the same time
	result *result
	wait   *wait
}

func (q *queue) Len() int { return len(q.events) }

func (q *queue) receive(r *result) { q.push(event{at: r.received, result: r}) }

func (q *queue) poll(w *wait, at time.Duration) { q.push(event{at: at, wait: w}) }

func (q *queue) push(e event) {
	q.pushed++
	e.number = q.pushed
	heap.Push(&q.events, e)
}

func (q *queue) next() event { return heap.Pop(&q.events).(event) }

// due returns the waits that are due together with the first one.
func (q *queue) due(first event) []*wait {
	waits := []*wait{first.wait}
	for len(q.events) > 0 && q.events[0].wait != nil && q.events[0].at <= first.at {
		waits = append(waits, q.next().wait)
	}
	return waits
}

// events implements [heap.Interface].
type events []event

func (e events) Len() int { return len(e) }

func (e events) Less(i, j int) bool {
	if e[i].at != e[j].at {
		return e[i].at < e[j].at
	}
	return e[i].number < e[j].number
}

func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

func (e *events) Push(x any) { *e = append(*e, x.(event)) }

func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
