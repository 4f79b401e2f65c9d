package relay_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// What an error means, and what a wait may make of it: ask again, or end.
func TestKinds(t *testing.T) {
	cases := []struct {
		status    int
		code      string
		kind      relay.Kind
		transient bool
		definite  bool
	}{
		{http.StatusOK, "", relay.KindUnexpected, false, false},
		{http.StatusOK, "task_not_exist", relay.KindNotFound, false, true},
		{http.StatusMovedPermanently, "", relay.KindUnexpected, false, false},
		{http.StatusBadRequest, "", relay.KindOther, false, true},
		{http.StatusBadRequest, "invalid_request", relay.KindOther, false, true},
		{http.StatusBadRequest, "task_not_exist", relay.KindNotFound, false, true},
		{http.StatusUnauthorized, "", relay.KindUnauthorized, false, true},
		{http.StatusPaymentRequired, "", relay.KindOther, false, false},
		{http.StatusForbidden, "", relay.KindForbidden, false, true},
		{http.StatusForbidden, "insufficient_user_quota", relay.KindForbidden, false, true},
		{http.StatusNotFound, "", relay.KindNotFound, false, true},
		{http.StatusMethodNotAllowed, "", relay.KindOther, false, false},
		{http.StatusRequestTimeout, "", relay.KindUnavailable, true, false},
		{http.StatusConflict, "", relay.KindOther, false, false},
		{http.StatusGone, "", relay.KindNotFound, false, true},
		{http.StatusTooManyRequests, "", relay.KindRateLimited, true, false},
		{http.StatusTooManyRequests, "fail_to_fetch_task", relay.KindRateLimited, true, false},
		{http.StatusRequestHeaderFieldsTooLarge, "", relay.KindOther, false, false},
		{http.StatusInternalServerError, "", relay.KindUnavailable, true, false},
		{http.StatusInternalServerError, "get_task_failed", relay.KindUnavailable, true, false},
		{http.StatusInternalServerError, "task_not_exist", relay.KindUnavailable, true, false}, // a broken relay is not to be believed
		{http.StatusBadGateway, "", relay.KindUnavailable, true, false},
		{http.StatusServiceUnavailable, "", relay.KindUnavailable, true, false},
		{http.StatusServiceUnavailable, "model_not_found", relay.KindUnavailable, false, false}, // for good, in spite of the 503
		{http.StatusGatewayTimeout, "", relay.KindUnavailable, true, false},
		{529, "", relay.KindUnavailable, true, false},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d %s", c.status, c.code), func(t *testing.T) {
			kind := relay.KindOf(c.status, c.code)
			require.Equal(t, c.kind, kind)
			err := &relay.Error{Kind: kind, StatusCode: c.status, Code: c.code}
			require.Equal(t, c.transient, err.Transient(), "transient")
			require.Equal(t, c.definite, err.Definite(), "definite")
		})
	}
}

// A cut answer is worth another question, whatever it was; one too large is not.
func TestKindsOfReading(t *testing.T) {
	cut := &relay.Error{Kind: relay.KindUnexpected, StatusCode: http.StatusOK, Cut: true}
	require.True(t, cut.Transient())
	require.False(t, cut.Definite())
	large := &relay.Error{Kind: relay.KindTooLarge, StatusCode: http.StatusOK}
	require.False(t, large.Transient())
	require.False(t, large.Definite())
}
