package worker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestMisses(t *testing.T) {
	now := time.Now()
	lost := &xiexus.CreateUncertainError{}
	tests := []struct {
		name   string
		errs   []error
		paused bool
	}{
		{"none", nil, false},
		{"two", []error{lost, xiexus.ErrForbidden}, false},
		{"three", []error{lost, xiexus.ErrForbidden, xiexus.ErrQuotaExceeded}, true},
		{"not in a row", []error{lost, lost, nil, lost, lost}, false},
		{"errors of single requests", []error{xiexus.ErrInvalidRequest, xiexus.ErrModelUnavailable, xiexus.ErrInvalidRequest}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m misses
			begins := false
			for _, err := range tt.errs {
				begins = m.add(err, now)
			}
			require.Equal(t, tt.paused, begins)
			require.Equal(t, tt.paused, m.pause(now) > 0)
			require.Zero(t, m.pause(now.Add(missPause)))
		})
	}
	var m misses
	for range mostMisses {
		m.add(lost, now)
	}
	require.True(t, m.add(lost, now.Add(missPause)), "one attempt after each pause")
}

// A relay that loses responses does not turn all create requests into uncertain ones.
func TestCreate_PausesAfterMisses(t *testing.T) {
	w, relay := newWorker(t)
	for range mostMisses {
		w.misses.add(&xiexus.CreateUncertainError{}, time.Now())
	}
	relay.FailCreates(xiexustest.Fault{Reset: true})
	putRequest(t, w)
	createAll(t, w)
	require.Empty(t, relay.Requests())
	require.Equal(t, 1, queued(t, w))
	_, err := w.readClaim(t.Context(), requestKey)
	require.Error(t, err, "it is not claimed")
}
