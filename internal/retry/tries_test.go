package retry_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/retry"
)

func TestAfter(t *testing.T) {
	tests := []struct {
		name       string
		maxRetries int
		first      error
		script     []error
		result     string
		err        string // empty for success
		events     []string
	}{
		{
			name: "no retries", maxRetries: 0, first: transient("first"),
			err:    "first",
			events: []string{"judge first"},
		},
		{
			name: "the first failure is permanent", maxRetries: 3, first: permanent("first"),
			err:    "first",
			events: []string{"judge first"},
		},
		{
			name: "permanent, whatever it asks", maxRetries: 3, first: &failure{"first", retry.Verdict{After: time.Second}},
			err:    "first",
			events: []string{"judge first"},
		},
		{
			name: "success at once", maxRetries: 3, first: transient("first"),
			result: "result 1",
			events: []string{"judge first", "notify first", "op 1"},
		},
		{
			name: "success after some", maxRetries: 3, first: transient("first"),
			script: []error{transient("second"), asking("third", time.Minute)},
			result: "result 3",
			events: []string{
				"judge first", "notify first", "op 1",
				"judge second", "notify second", "op 2",
				"judge third", "notify third", "op 3",
			},
		},
		{
			name: "permanent after some", maxRetries: 3, first: transient("first"),
			script: []error{transient("second"), permanent("third"), transient("never")},
			result: "failed 2", err: "third",
			events: []string{"judge first", "notify first", "op 1", "judge second", "notify second", "op 2", "judge third"},
		},
		{
			name: "no more retries", maxRetries: 2, first: transient("first"),
			script: []error{transient("second"), transient("third"), transient("never")},
			result: "failed 2", err: "third",
			events: []string{"judge first", "notify first", "op 1", "judge second", "notify second", "op 2", "judge third"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var r record
				began := time.Now()
				result, err := r.after(t.Context(), tt.maxRetries, tt.first, tt.script...)
				require.Equal(t, tt.result, result)
				require.Equal(t, tt.events, r.events)
				if tt.err == "" {
					require.NoError(t, err)
				} else {
					require.IsType(t, &failure{}, err, "the error itself, in no wrapping")
					require.EqualError(t, err, tt.err)
				}
				var slept time.Duration
				for _, delay := range r.slept {
					slept += delay
				}
				require.Equal(t, slept, time.Since(began), "no delay after the last try")
			})
		})
	}
}

func TestMaxRetriesCounts(t *testing.T) {
	for _, maxRetries := range []int{0, 1, 2, 5, 20} {
		synctest.Test(t, func(t *testing.T) {
			var r record
			script := failures(maxRetries + 5)
			_, err := r.after(t.Context(), maxRetries, transient("first"), script...)
			require.Len(t, r.slept, maxRetries)
			require.Len(t, r.told, maxRetries)
			if maxRetries > 0 {
				require.Same(t, script[maxRetries-1], err)
			}
		})
	}
}

func TestNotifyIsOptional(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		policy := retry.Policy{MaxRetries: 1, Judge: func(error) retry.Verdict { return retry.Verdict{Again: true} }}
		result, err := retry.After(t.Context(), transient("first"), policy, func() (int, error) { return 7, nil })
		require.NoError(t, err)
		require.Equal(t, 7, result)
	})
}
