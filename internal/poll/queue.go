package poll

import (
	"container/heap"
	"time"
)

// Queue orders items by when they are due; items due at the same time leave in the
// order in which they came. The zero value is empty.
type Queue[T any] struct {
	entries entries[T]
	pushed  uint64
}

// Push adds an item.
func (q *Queue[T]) Push(due time.Time, item T) {
	q.pushed++
	heap.Push(&q.entries, entry[T]{item, due, q.pushed})
}

// Len returns the number of items.
func (q *Queue[T]) Len() int { return len(q.entries) }

// First returns the item that is due first. The queue must not be empty.
func (q *Queue[T]) First() (time.Time, T) { return q.entries[0].due, q.entries[0].item }

// Pop removes and returns the item that is due first. The queue must not be empty.
func (q *Queue[T]) Pop() T { return heap.Pop(&q.entries).(entry[T]).item }

type entry[T any] struct {
	item   T
	due    time.Time
	number uint64
}

// entries implements [heap.Interface].
type entries[T any] []entry[T]

func (e entries[T]) Len() int      { return len(e) }
func (e entries[T]) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

func (e entries[T]) Less(i, j int) bool {
	if !e[i].due.Equal(e[j].due) {
		return e[i].due.Before(e[j].due)
	}
	return e[i].number < e[j].number
}

func (e *entries[T]) Push(x any) { *e = append(*e, x.(entry[T])) }

func (e *entries[T]) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	(*e)[last] = entry[T]{} // release the item
	*e = (*e)[:last]
	return x
}
