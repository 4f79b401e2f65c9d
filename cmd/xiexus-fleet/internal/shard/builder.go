package shard

// Builder collects task IDs into shards.
type Builder struct {
	// Size is how many tasks a shard has.
	Size int

	taskIDs []string
	bytes   int
}

// Add adds a task. It returns a shard when one is complete.
func (b *Builder) Add(taskID string) (full Shard, ok bool) {
	b.taskIDs = append(b.taskIDs, taskID)
	b.bytes += len(taskID)
	if len(b.taskIDs) < b.Size && b.bytes < maxBytes {
		return Shard{}, false
	}
	return b.Rest()
}

// Rest returns a shard of the tasks that are in none yet, if there are any.
func (b *Builder) Rest() (rest Shard, ok bool) {
	if len(b.taskIDs) == 0 {
		return Shard{}, false
	}
	rest = New(b.taskIDs...)
	b.taskIDs, b.bytes = nil, 0
	return rest, true
}
