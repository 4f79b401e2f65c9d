package fetch

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

func TestRetryDelay(t *testing.T) {
	other := errors.New("some error")
	for name, test := range map[string]struct {
		failed int
		err    error
		want   time.Duration
		again  bool
	}{
		"first":      {1, other, time.Second, true},
		"second":     {2, other, 2 * time.Second, true},
		"fourth":     {4, other, 8 * time.Second, true},
		"last":       {5, other, 0, false},
		"more":       {6, other, 0, false},
		"disallowed": {1, xiexus.ErrAddressRefused, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			delay, again := retryDelay(test.failed, 5, time.Second, test.err)
			require.Equal(t, test.want, delay)
			require.Equal(t, test.again, again)
		})
	}
	delay, _ := retryDelay(100, 1000, time.Minute, other)
	require.Equal(t, 10*time.Minute, delay)
}
