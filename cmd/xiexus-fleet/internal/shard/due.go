package shard

import (
	"time"

	"github.com/xiexus/xiexus-go"
)

// LongestDelay is the longest time until a shard is due. The clock of another machine may
// have written the cursors.
const LongestDelay = 2 * time.Minute

// Delay returns how long after now the first of some cursors is due, zero if it is already.
func Delay(cursors []xiexus.Cursor, now time.Time) time.Duration {
	delay := LongestDelay
	for _, cursor := range cursors {
		delay = min(delay, max(cursor.NextAt.Sub(now), 0))
	}
	return delay
}

// Merge groups shards, given by how many of their tasks have not ended, so that those of
// each group fit into one. It leaves out a shard that is more than half full or that is
// alone. A batch is fuller, and a poll cheaper, if its tasks are in few shards.
func Merge(waiting []int, size int) [][]int {
	var groups [][]int
	var group []int
	total := 0
	add := func() {
		if len(group) > 1 {
			groups = append(groups, group)
		}
		group, total = nil, 0
	}
	for i, n := range waiting {
		if n == 0 || n > size/2 {
			continue
		}
		if total+n > size {
			add()
		}
		group, total = append(group, i), total+n
	}
	add()
	return groups
}
