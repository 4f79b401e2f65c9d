package many

import (
	"context"
	"fmt"
	"iter"

	"github.com/xiexus/xiexus-go"
)

// waitAll is a running WaitAll that receives its ids in chunks.
type waitAll struct {
	ids    chan []string
	ended  chan error // one error if a wait has ended; closed when WaitAll has
	cancel context.CancelFunc
}

func startWaitAll(ctx context.Context, client *xiexus.Client) *waitAll {
	ctx, cancel := context.WithCancel(ctx)
	w := &waitAll{make(chan []string), make(chan error, 1), cancel}
	go func() {
		defer close(w.ended)
		opts := []xiexus.WaitOption{xiexus.WithConcurrency(Concurrency), xiexus.WithBatchSize(1)}
		for outcome := range client.WaitAll(ctx, flatten(w.ids), opts...) {
			w.ended <- fmt.Errorf("the wait for %s ended early: %w", outcome.TaskID, outcome.Err)
			return
		}
	}()
	return w
}

// add adds tasks to wait for.
func (w *waitAll) add(ids []string) error {
	select {
	case w.ids <- ids:
		return nil
	case err := <-w.ended:
		return endedEarly(err)
	}
}

// endedEarly returns why WaitAll has ended, given what was received from ended.
func endedEarly(err error) error {
	if err == nil { // closed, because the context has ended
		return context.Canceled
	}
	return err
}

// stop ends WaitAll and waits until it has returned.
func (w *waitAll) stop() {
	w.cancel()
	close(w.ids)
	for range w.ended {
		continue
	}
}

func flatten(chunks <-chan []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for ids := range chunks {
			for _, id := range ids {
				if !yield(id) {
					return
				}
			}
		}
	}
}

func newIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = newID(i)
	}
	return ids
}

// newID returns an id of the form and length of New API's.
func newID(i int) string { return fmt.Sprintf("task_%032d", i) }
