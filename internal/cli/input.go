package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xiexus/xiexus-go/internal/textfile"
)

// read runs a function that opens or reads files or streams, which nothing can interrupt.
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

// readText returns the text of a file, or of what a named pipe receives.
func readText(ctx context.Context, name string) (string, error) {
	return read(ctx, func() (string, error) { return textfile.Read(name) })
}

// readPrompt reads the prompt from standard input.
func (a *app) readPrompt(ctx context.Context) (string, error) {
	text, err := read(ctx, func() ([]byte, error) { return io.ReadAll(textfile.NewReader(a.In)) })
	switch {
	case errors.Is(err, context.Canceled):
		return "", err
	case errors.Is(err, textfile.ErrNotText):
		return "", usageError{fmt.Errorf("the prompt on standard input is %w", err)}
	case err != nil:
		return "", fmt.Errorf("read the prompt from standard input: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}
