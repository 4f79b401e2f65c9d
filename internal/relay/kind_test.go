package relay_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/relay"
)

func TestKindOf(t *testing.T) {
	cases := []struct {
		status int
		code   string
		want   relay.Kind
	}{
		{http.StatusOK, "", relay.KindUnexpected},
		{http.StatusOK, "task_not_exist", relay.KindNotFound},
		{http.StatusMovedPermanently, "", relay.KindUnexpected},
		{http.StatusBadRequest, "", relay.KindOther},
		{http.StatusBadRequest, "invalid_request", relay.KindOther},
		{http.StatusBadRequest, "task_not_exist", relay.KindNotFound},
		{http.StatusUnauthorized, "", relay.KindUnauthorized},
		{http.StatusPaymentRequired, "", relay.KindOther},
		{http.StatusForbidden, "", relay.KindForbidden},
		{http.StatusForbidden, "insufficient_user_quota", relay.KindForbidden},
		{http.StatusNotFound, "", relay.KindNotFound},
		{http.StatusMethodNotAllowed, "", relay.KindOther},
		{http.StatusRequestTimeout, "", relay.KindUnavailable},
		{http.StatusConflict, "", relay.KindOther},
		{http.StatusGone, "", relay.KindNotFound},
		{http.StatusTooManyRequests, "", relay.KindRateLimited},
		{http.StatusTooManyRequests, "fail_to_fetch_task", relay.KindRateLimited},
		{http.StatusRequestHeaderFieldsTooLarge, "", relay.KindOther},
		{http.StatusInternalServerError, "", relay.KindUnavailable},
		{http.StatusInternalServerError, "get_task_failed", relay.KindUnavailable},
		{http.StatusInternalServerError, "task_not_exist", relay.KindUnavailable}, // a broken relay is not believed
		{http.StatusBadGateway, "", relay.KindUnavailable},
		{http.StatusServiceUnavailable, "", relay.KindUnavailable},
		{http.StatusServiceUnavailable, "model_not_found", relay.KindUnavailable},
		{http.StatusGatewayTimeout, "", relay.KindUnavailable},
		{529, "", relay.KindUnavailable},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d %s", c.status, c.code), func(t *testing.T) {
			require.Equal(t, c.want, relay.KindOf(c.status, c.code))
		})
	}
}
