package xiexus

// waitQueue is a [heap.Interface] of waits: the one that is due first, and of those due
// at the same time the one that was pushed first.
type waitQueue []*wait

func (q waitQueue) Len() int      { return len(q) }
func (q waitQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

func (q waitQueue) Less(i, j int) bool {
	if order := q[i].cursor.NextAt.Compare(q[j].cursor.NextAt); order != 0 {
		return order < 0
	}
	return q[i].number < q[j].number
}

func (q *waitQueue) Push(w any) { *q = append(*q, w.(*wait)) }

func (q *waitQueue) Pop() any {
	last := len(*q) - 1
	w := (*q)[last]
	(*q)[last] = nil // release it
	*q = (*q)[:last]
	return w
}
