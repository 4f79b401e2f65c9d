package retry

import "context"

type attemptKey struct{}

// WithAttempt returns a context for an attempt. The first has the number one.
func WithAttempt(ctx context.Context, number int) context.Context {
	return context.WithValue(ctx, attemptKey{}, number)
}

// Attempt returns the number of the attempt that ctx is for. By default it is one.
func Attempt(ctx context.Context) int {
	if number, ok := ctx.Value(attemptKey{}).(int); ok {
		return number
	}
	return 1
}
