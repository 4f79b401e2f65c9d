package cli

import "context"

// read runs a function that reads from a stream, which nothing can interrupt.
// If ctx ends first, read returns anyway and leaves the function running: the
// command is about to exit.
func read[T any](ctx context.Context, from func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := from()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var zero T
		return zero, interruptedError{}
	}
}
