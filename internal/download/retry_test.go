package download

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// What the policy says counts for errors that are not of this package.
func TestTransfer_JudgesErrors(t *testing.T) {
	other := errors.New("other")
	tests := []struct {
		name    string
		err     error
		verdict retry.Verdict
		opens   int
		took    time.Duration // at least
	}{
		{"retried by the policy", other, retry.Verdict{Retry: true, After: time.Minute}, 3, 2 * time.Minute},
		{"not retried by the policy", other, retry.Verdict{}, 1, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				opens, notified := 0, 0
				transfer := Transfer{
					Open: func(context.Context, int64, string) (*http.Response, error) {
						opens++
						return nil, test.err
					},
					Retry: retry.Policy{
						MaxRetries: 2,
						Judge:      func(error) retry.Verdict { return test.verdict },
						Notify: func(err error, _ time.Duration) {
							require.ErrorIs(t, err, test.err)
							notified++
						},
					},
				}
				start := time.Now()
				_, err := transfer.ToWriter(t.Context(), newSink("", unknown))
				require.ErrorIs(t, err, test.err)
				require.Equal(t, test.opens, opens)
				require.Equal(t, test.opens-1, notified)
				require.GreaterOrEqual(t, time.Since(start), test.took)
			})
		})
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestTransfer_EndsWhenTheWriterFails(t *testing.T) {
	for _, failure := range []error{errors.New("disk full"), ErrUnavailable, ErrIncomplete} {
		o := &origin{content: video}
		_, err := newTransfer(o).ToWriter(t.Context(), failingWriter{failure})
		require.ErrorIs(t, err, ErrTarget)
		require.ErrorIs(t, err, failure)
		require.Len(t, o.requests, 1)
	}
}
