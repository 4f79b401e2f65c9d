package cli

import (
	"context"
	"iter"

	"github.com/xiexus/xiexus-go"
)

// maxAhead is how many tasks are read, and kept, before the task that is printed next.
const maxAhead = 1000

// outcomes are those of tasks, with their indexes.
type outcomes = iter.Seq2[int, xiexus.Outcome]

// readInOrder reads tasks once and yields their outcomes in the order of the IDs, each of
// which occurs once. It reads at most a number of tasks ahead. Those that are kept have no
// raw response, unless each is read with a request of its own.
func (a *app) readInOrder(ctx context.Context, client *xiexus.Client, ids []string, single bool, ahead int) outcomes {
	options := []xiexus.WaitOption{xiexus.WithConcurrency(a.client.concurrency)}
	if single {
		options = append(options, xiexus.WithBatchSize(1))
	}
	return func(yield func(int, xiexus.Outcome) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		room := make(chan struct{}, ahead)
		source := func(yield func(string) bool) {
			for _, id := range ids {
				select {
				case room <- struct{}{}:
				case <-ctx.Done():
					return
				}
				if !yield(id) {
					return
				}
			}
		}
		next, kept := 0, map[string]xiexus.Outcome{}
		for outcome := range client.GetAll(ctx, source, options...) {
			if outcome.TaskID == "" { // the rest is not read
				yield(next, outcome)
				return
			}
			if outcome.Task != nil && !single {
				outcome.Task.Raw = nil
			}
			kept[outcome.TaskID] = outcome
			for found := true; found && next < len(ids); {
				if outcome, found = kept[ids[next]]; found {
					delete(kept, ids[next])
					if !yield(next, outcome) {
						return
					}
					next++
					<-room
				}
			}
		}
	}
}

// unique returns the IDs without repetitions.
func unique(ids []string) []string {
	known := make(map[string]bool, len(ids))
	var once []string
	for _, id := range ids {
		if !known[id] {
			known[id] = true
			once = append(once, id)
		}
	}
	return once
}
