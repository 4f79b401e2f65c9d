package xiexus

import (
	"context"
	"iter"
)

// source is an event of the goroutine that reads the IDs: an ID, or what the sequence has
// panicked with.
type source struct {
	taskID   string
	panicked any
}

// feed sends the IDs until there are no more, which closes the channel, or until ctx ends.
// An ID that it has taken from the sequence is not lost when ctx ends.
func (s *scheduler) feed(ctx context.Context, taskIDs iter.Seq[string], ids chan<- source) {
	send := func(next source) bool {
		select {
		case ids <- next:
			return true
		case <-s.stopped:
			return false
		}
	}
	complete := true // also after [runtime.Goexit]
	defer func() {
		if r := recover(); r != nil {
			send(source{panicked: r})
		} else if complete {
			close(ids)
		}
	}()
	if ctx.Err() != nil {
		complete = false
		return
	}
	for id := range taskIDs {
		if !send(source{taskID: id}) || ctx.Err() != nil {
			complete = false
			return
		}
	}
}
