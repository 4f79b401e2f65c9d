package retry_test

import (
	"context"
	"fmt"
	"time"

	"github.com/xiexus/xiexus-go/internal/retry"
)

// failure is an error that says what is to be thought of it.
type failure struct {
	name    string
	verdict retry.Verdict
}

func (f *failure) Error() string { return f.name }

func transient(name string) *failure { return &failure{name, retry.Verdict{Again: true}} }

func permanent(name string) *failure { return &failure{name, retry.Verdict{}} }

func asking(name string, after time.Duration) *failure {
	return &failure{name, retry.Verdict{Again: true, After: after}}
}

// record is what happened during a call of After, in order.
type record struct {
	events []string
	told   []time.Duration // the delays that Notify heard of
	slept  []time.Duration // the delays that there were
	last   time.Time
}

// after runs retry.After on failed; op fails as the script says, then succeeds.
func (r *record) after(ctx context.Context, maxRetries int, failed error, script ...error) (string, error) {
	r.last = time.Now()
	policy := retry.Policy{
		MaxRetries: maxRetries,
		Judge: func(err error) retry.Verdict {
			r.events = append(r.events, "judge "+err.Error())
			return err.(*failure).verdict
		},
		Notify: func(err error, delay time.Duration) {
			r.events = append(r.events, "notify "+err.Error())
			r.told = append(r.told, delay)
		},
	}
	calls := 0
	return retry.After(ctx, failed, policy, func() (string, error) {
		r.slept = append(r.slept, time.Since(r.last))
		r.last = time.Now()
		calls++
		r.events = append(r.events, fmt.Sprintf("op %d", calls))
		if calls <= len(script) {
			return fmt.Sprintf("failed %d", calls), script[calls-1]
		}
		return fmt.Sprintf("result %d", calls), nil
	})
}

// failures are n errors worth another try.
func failures(n int) []error {
	script := make([]error, n)
	for i := range script {
		script[i] = transient(fmt.Sprintf("failure %d", i+1))
	}
	return script
}
