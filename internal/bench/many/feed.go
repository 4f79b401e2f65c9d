package many

import (
	"context"
	"fmt"
	"iter"

	"github.com/xiexus/xiexus-go"
)

// waitAll is a WaitAll under way that is handed its ids a slice at a time.
type waitAll struct {
	ids    chan []string
	ended  chan error // what ends it, or a task, too soon
	cancel context.CancelFunc
}

func waitForAll(ctx context.Context, client *xiexus.Client) *waitAll {
	ctx, cancel := context.WithCancel(ctx)
	w := &waitAll{make(chan []string), make(chan error, 1), cancel}
	go func() {
		defer close(w.ended)
		for outcome := range client.WaitAll(ctx, each(w.ids), xiexus.WithConcurrency(Concurrency)) {
			w.ended <- fmt.Errorf("%s ended: %w", outcome.TaskID, outcome.Err)
			return
		}
	}()
	return w
}

// begin hands over ids.
func (w *waitAll) begin(ids []string) error {
	select {
	case w.ids <- ids:
		return nil
	case err := <-w.ended:
		return tooSoon(err)
	}
}

// tooSoon is the error of a WaitAll that has ended by itself.
func tooSoon(err error) error {
	if err == nil { // its context has
		return context.Canceled
	}
	return err
}

// stop ends it and waits until it has.
func (w *waitAll) stop() {
	w.cancel()
	close(w.ids)
	for range w.ended {
	}
}

func each(slices <-chan []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for ids := range slices {
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

// newID is as long as real ones.
func newID(i int) string { return fmt.Sprintf("task_%027d", i) }
