package retry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/retry"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// failure is an error that carries the verdict about itself.
type failure struct {
	name    string
	verdict retry.Verdict
}

func (f *failure) Error() string { return f.name }

func transient(name string) *failure { return &failure{name, retry.Verdict{Retry: true}} }

func permanent(name string) *failure { return &failure{name, retry.Verdict{}} }

func after(name string, d time.Duration) *failure {
	return &failure{name, retry.Verdict{Retry: true, After: d}}
}

// verdictOf returns the verdict that an error carries.
func verdictOf(err error) retry.Verdict {
	var failed *failure
	if errors.As(err, &failed) {
		return failed.verdict
	}
	return retry.Verdict{}
}

// failures returns n transient errors.
func failures(n int) []error {
	script := make([]error, n)
	for i := range script {
		script[i] = transient(fmt.Sprintf("failure %d", i+1))
	}
	return script
}

// record is what happened during one call of Do.
type record struct {
	calls    int
	notified []string
	delays   []time.Duration // as Notify was given them
	slept    []time.Duration // as they were
}

// do fails as the script says, and then succeeds.
func (r *record) do(ctx context.Context, maxRetries int, script ...error) (string, error) {
	last := time.Now()
	policy := retry.Policy{
		MaxRetries: maxRetries,
		Judge:      verdictOf,
		Notify: func(err error, delay time.Duration) {
			r.notified = append(r.notified, err.Error())
			r.delays = append(r.delays, delay)
		},
	}
	return retry.Do(ctx, policy, func(context.Context) (string, error) {
		if r.calls > 0 {
			r.slept = append(r.slept, time.Since(last))
		}
		last = time.Now()
		r.calls++
		if r.calls <= len(script) {
			return "", script[r.calls-1]
		}
		return fmt.Sprintf("result %d", r.calls), nil
	})
}

func TestDo_Attempts(t *testing.T) {
	tests := []struct {
		name       string
		maxRetries int
		script     []error
		result     string
		err        string // empty for success
		notified   []string
	}{
		{"success at once", 3, nil, "result 1", "", nil},
		{"no retries", 0, []error{transient("a")}, "", "a", nil},
		{"negative is none", -1, []error{transient("a")}, "", "a", nil},
		{"permanent at once", 3, []error{permanent("a")}, "", "a", nil},
		{"permanent in spite of a delay", 3, []error{&failure{"a", retry.Verdict{After: time.Second}}}, "", "a", nil},
		{"success after some", 3, []error{transient("a"), after("b", time.Minute)}, "result 3", "", []string{"a", "b"}},
		{"permanent after some", 3, []error{transient("a"), permanent("b")}, "", "b", []string{"a"}},
		{"no more retries", 2, []error{transient("a"), transient("b"), transient("c")}, "", "c", []string{"a", "b"}},
		{"twenty retries", 20, failures(20), "result 21", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var r record
				began := time.Now()
				result, err := r.do(t.Context(), tt.maxRetries, tt.script...)
				require.Equal(t, tt.result, result)
				if tt.notified != nil {
					require.Equal(t, tt.notified, r.notified)
				}
				if tt.err == "" {
					require.NoError(t, err)
				} else {
					require.Same(t, tt.script[r.calls-1], err, "the error itself, not wrapped")
					require.EqualError(t, err, tt.err)
				}
				require.Equal(t, r.delays, r.slept)
				var total time.Duration
				for _, delay := range r.slept {
					total += delay
				}
				require.Equal(t, total, time.Since(began), "no delay after the last attempt")
			})
		})
	}
}

func TestDo_DelaysDoubleWithJitter(t *testing.T) {
	middles := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second}
	synctest.Test(t, func(t *testing.T) {
		firsts := map[time.Duration]bool{}
		for range 50 {
			var r record
			_, err := r.do(t.Context(), len(middles), failures(len(middles)+1)...)
			require.Error(t, err)
			require.Len(t, r.slept, len(middles))
			for i, middle := range middles {
				require.GreaterOrEqual(t, r.slept[i], middle/2, "delay %d", i+1)
				require.LessOrEqual(t, r.slept[i], middle+middle/2, "delay %d", i+1)
			}
			firsts[r.slept[0]] = true
		}
		require.Greater(t, len(firsts), 40, "clients that fail together must not come back together")
	})
}

func TestVerdict_Delay(t *testing.T) {
	tests := []struct {
		name      string
		after     time.Duration
		retries   int
		low, high time.Duration
	}{
		{"shorter than a second", time.Millisecond, 0, time.Second, time.Second},
		{"shorter than our own", time.Second, 9, time.Second, time.Second},
		{"longer than our own", time.Minute, 0, time.Minute, time.Minute},
		{"the longest", 2 * time.Minute, 0, 2 * time.Minute, 2 * time.Minute},
		{"beyond the longest", time.Hour, 0, 2 * time.Minute, 2 * time.Minute},
		{"not set", 0, 0, 250 * time.Millisecond, 750 * time.Millisecond},
		{"negative", -time.Second, 0, 250 * time.Millisecond, 750 * time.Millisecond},
		{"many retries", 0, 1000, 4 * time.Second, 12 * time.Second},
	}
	require.Equal(t, 2*time.Minute, retry.LongestDelay)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			delay := retry.Verdict{Retry: true, After: tt.after}.Delay(500*time.Millisecond, tt.retries)
			require.GreaterOrEqual(t, delay, tt.low)
			require.LessOrEqual(t, delay, tt.high)
		})
	}
}

func TestDo_ReadsRetryAfterEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r record
		_, err := r.do(t.Context(), 4, after("a", 7*time.Second), after("b", time.Hour), transient("c"), after("d", time.Second))
		require.NoError(t, err)
		require.Equal(t, 7*time.Second, r.slept[0])
		require.Equal(t, 2*time.Minute, r.slept[1])
		require.LessOrEqual(t, r.slept[2], 3*time.Second, "our own, doubled twice")
		require.Equal(t, time.Second, r.slept[3])
	})
}
