package xiexus

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// apiError returns the error of a read that got this response.
func apiError(failure *relay.Failure) *APIError {
	return newAPIError(failure, http.MethodGet, "https://relay.example.com/")
}

func TestVerdicts_RetryableOrPermanent(t *testing.T) {
	cases := []struct {
		status    int
		code      string
		retry     bool
		permanent bool
	}{
		{http.StatusOK, "", false, false},
		{http.StatusOK, "task_not_exist", false, true},
		{http.StatusOK, "401", false, true},
		{http.StatusOK, "404", false, true},
		{http.StatusOK, "429", true, false},
		{http.StatusOK, "500", true, false},
		{http.StatusOK, "insufficient_user_quota", false, true},
		{http.StatusOK, "201", false, false},
		{http.StatusOK, "50412", false, false},
		{http.StatusMovedPermanently, "", false, false},
		{http.StatusFound, "", false, false},
		{http.StatusTemporaryRedirect, "", false, false},
		{http.StatusBadRequest, "", false, true},
		{http.StatusBadRequest, "invalid_request", false, true},
		{http.StatusBadRequest, "task_not_exist", false, true},
		{http.StatusUnauthorized, "", false, true},
		{http.StatusPaymentRequired, "", false, true},
		{http.StatusForbidden, "", false, true},
		{http.StatusForbidden, "insufficient_user_quota", false, true},
		{http.StatusNotFound, "", false, true},
		{http.StatusMethodNotAllowed, "", false, false},
		{http.StatusRequestTimeout, "", true, false},
		{http.StatusConflict, "", false, false},
		{http.StatusGone, "", false, true},
		{http.StatusTooManyRequests, "", true, false},
		{http.StatusTooManyRequests, "fail_to_fetch_task", true, false},
		{http.StatusRequestHeaderFieldsTooLarge, "", false, false},
		{http.StatusInternalServerError, "", true, false},
		{http.StatusInternalServerError, "get_task_failed", true, false},
		{http.StatusInternalServerError, "task_not_exist", true, false}, // a broken relay is not believed
		{http.StatusBadGateway, "", true, false},
		{http.StatusServiceUnavailable, "", true, false},
		{http.StatusServiceUnavailable, "model_not_found", false, false}, // permanent in spite of the 503
		{http.StatusServiceUnavailable, "system_cpu_overloaded", true, false},
		{http.StatusUnauthorized, "fail_to_fetch_task", true, false}, // about the relay's own key
		{http.StatusForbidden, "fail_to_fetch_task", true, false},
		{http.StatusGatewayTimeout, "", true, false},
		{529, "", true, false},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d %s", c.status, c.code), func(t *testing.T) {
			err := &relay.Failure{StatusCode: c.status, Code: c.code}
			require.Equal(t, c.retry, retryRead(apiError(err)).Retry, "retry")
			require.False(t, isPermanent(apiError(err)), "a gateway's response passes")
			err.Worded = true
			require.Equal(t, c.permanent, isPermanent(apiError(err)), "permanent")
		})
	}
}

func TestVerdicts_Sentinel(t *testing.T) {
	cases := []struct {
		status int
		code   string
		want   error
	}{
		{http.StatusOK, "", ErrUnexpectedResponse},
		{http.StatusOK, "task_not_exist", ErrTaskNotFound},
		{http.StatusMovedPermanently, "", ErrUnexpectedResponse},
		{http.StatusBadRequest, "", nil},
		{http.StatusBadRequest, "invalid_request", nil},
		{http.StatusBadRequest, "task_not_exist", ErrTaskNotFound},
		{http.StatusUnauthorized, "", ErrUnauthorized},
		{http.StatusPaymentRequired, "", ErrQuotaExceeded},
		{http.StatusForbidden, "", ErrForbidden},
		{http.StatusForbidden, "insufficient_user_quota", ErrQuotaExceeded},
		{http.StatusForbidden, "pre_consume_token_quota_failed", ErrQuotaExceeded},
		{http.StatusTooManyRequests, "insufficient_quota", ErrQuotaExceeded},
		{http.StatusOK, "401", ErrUnauthorized},
		{http.StatusOK, "404", ErrTaskNotFound},
		{http.StatusOK, "201", ErrUnexpectedResponse},
		{http.StatusUnauthorized, "fail_to_fetch_task", ErrUnavailable},
		{http.StatusNotFound, "", ErrTaskNotFound},
		{http.StatusMethodNotAllowed, "", nil},
		{http.StatusRequestTimeout, "", ErrUnavailable},
		{http.StatusConflict, "", nil},
		{http.StatusGone, "", ErrTaskNotFound},
		{http.StatusTooManyRequests, "", ErrRateLimited},
		{http.StatusTooManyRequests, "fail_to_fetch_task", ErrRateLimited},
		{http.StatusRequestHeaderFieldsTooLarge, "", nil},
		{http.StatusInternalServerError, "", ErrUnavailable},
		{http.StatusInternalServerError, "get_task_failed", ErrUnavailable},
		{http.StatusInternalServerError, "task_not_exist", ErrUnavailable}, // a broken relay is not believed
		{http.StatusBadGateway, "", ErrUnavailable},
		{http.StatusServiceUnavailable, "", ErrUnavailable},
		{http.StatusServiceUnavailable, "model_not_found", ErrModelUnavailable},
		{http.StatusServiceUnavailable, "system_memory_overloaded", ErrUnavailable},
		{http.StatusGatewayTimeout, "", ErrUnavailable},
		{529, "", ErrUnavailable},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d %s", c.status, c.code), func(t *testing.T) {
			require.Equal(t, c.want, apiError(&relay.Failure{StatusCode: c.status, Code: c.code}).sentinel())
		})
	}
}

func TestVerdicts_CutAndTooLarge(t *testing.T) {
	cut := &relay.Failure{StatusCode: http.StatusOK, Cut: true}
	require.True(t, retryRead(apiError(cut)).Retry)
	require.False(t, isPermanent(apiError(cut)))
	require.ErrorIs(t, apiError(cut), ErrUnavailable)
	large := &relay.Failure{StatusCode: http.StatusOK, TooLarge: true}
	require.ErrorIs(t, apiError(large), ErrResponseTooLarge)
	require.False(t, retryRead(apiError(large)).Retry)
	require.False(t, isPermanent(apiError(large)))
	require.True(t, mayBeAccepted(apiError(large)))
}

func TestVerdicts_NeverRetryableAndPermanent(t *testing.T) {
	for status := 100; status < 1000; status++ {
		for _, code := range []string{"", "task_not_exist", "model_not_found", "x"} {
			err := &relay.Failure{StatusCode: status, Code: code, Worded: true}
			require.False(t, retryRead(apiError(err)).Retry && isPermanent(apiError(err)), "%d %s", status, code)
		}
	}
}

func TestVerdicts_MayBeAccepted(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   bool
	}{
		{"incomplete", 200, `{"task_id":"t`, true},
		{"empty", 200, "", true},
		{"no id", 200, `{"status":"queued"}`, true},
		{"a list", 200, `[]`, true},
		{"an error of the relay", 200, `{"code":"invalid_request","message":"m"}`, false},
		{"a page of whoever", 200, "<html>", true},
		{"a rate limit that names a task", 429, `{"message":"m","task_id":"t"}`, true},
		{"XML", 200, `<?xml version="1.0"?><task><id>t</id></task>`, true},
		{"OAuth's code", 502, `{"error":"invalid_request","error_description":"m"}`, true},
		{"a gateway's page", 502, "<html>", true},
		{"a gateway's empty 504", 504, "", true},
		{"a timeout", 408, "timeout", true},
		{"the relay's 500", 500, `{"code":"fail_to_fetch_task","message":"m"}`, false},
		{"the relay's 500, other envelope", 500, `{"error":{"message":"m","type":"new_api_error"}}`, false},
		{"the relay's 500, an upstream's error", 500, `{"error":{"message":"m (request id: 7)","type":"server_error"}}`, false},
		{"a gateway's JSON", 502, `{"code":502,"message":"bad gateway"}`, true},
		{"a gateway's type", 502, `{"error":{"code":"502","type":"bad_gateway"}}`, true},
		{"a timeout in the relay's format", 504, `{"code":"gateway_timeout","message":"m"}`, true},
		{"nginx: the client was too slow", 499, "<html>", true},
		{"Cloudflare's timeout", 524, `{"type":"https://developers.cloudflare.com/","status":524}`, true},
		{"an error with an id of its own", 200, `{"error":{"message":"m","code":"insufficient_quota"},"id":"req_1"}`, false},
		{"an error with data", 200, `{"code":"insufficient_user_quota","message":"m","data":"details"}`, false},
		{"an error with a number", 200, `{"code":1,"message":"m","id":"req-1"}`, true},
		{"no success", 200, `{"success":false,"message":"m","data":"x"}`, true},
		{"success without an id", 200, `{"code":0,"data":{}}`, true},
		{"a file server", 501, "<html>", false},
		{"not modified", 304, "", true},
		{"a choice", 300, "<html>", true},
		{"moved", 308, "", false},
		{"a rejection", 400, "bad", false},
		{"no key", 401, "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, failure := relay.Reader{MaxSize: 1 << 10}.ReadCreated(&http.Response{
				StatusCode: test.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(test.body)), ContentLength: int64(len(test.body)),
			})
			require.NotNil(t, failure)
			require.Equal(t, test.want, mayBeAccepted(apiError(failure)))
		})
	}
}
