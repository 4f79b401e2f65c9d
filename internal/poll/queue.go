package poll

import (
	"container/heap"
	"time"
)

// Due is what a Queue holds.
type Due interface {
	// Due is when the item's turn comes. It must not change in the Queue.
	Due() time.Time
}

// Queue holds what is waited for, the earliest due first, and of those due at
// one time the one that came first: nothing starves. The zero value is empty.
type Queue[T Due] struct {
	items items[T]
	came  uint64
}

// Push adds an item.
func (q *Queue[T]) Push(item T) {
	q.came++
	heap.Push(&q.items, queued[T]{item, q.came})
}

// Len returns how many items there are.
func (q *Queue[T]) Len() int { return len(q.items) }

// First returns the item that is due first. There must be one.
func (q *Queue[T]) First() T { return q.items[0].item }

// Pop removes the item that is due first. There must be one.
func (q *Queue[T]) Pop() T { return heap.Pop(&q.items).(queued[T]).item }

type queued[T Due] struct {
	item T
	came uint64
}

type items[T Due] []queued[T]

func (s items[T]) Len() int      { return len(s) }
func (s items[T]) Swap(i, j int) { s[i], s[j] = s[j], s[i] }

func (s items[T]) Less(i, j int) bool {
	a, b := s[i].item.Due(), s[j].item.Due()
	if !a.Equal(b) {
		return a.Before(b)
	}
	return s[i].came < s[j].came
}

func (s *items[T]) Push(x any) { *s = append(*s, x.(queued[T])) }

func (s *items[T]) Pop() any {
	last := len(*s) - 1
	x := (*s)[last]
	(*s)[last] = queued[T]{} // let go of it
	*s = (*s)[:last]
	return x
}
