package cli

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// Errors that scripts must not take for others: neither is the key wrong, nor is the relay
// down, nor the task missing.
func TestExitCodes_OfRejections(t *testing.T) {
	relay := startRelay(t)
	tests := []struct {
		name, body string
		status     int
		code       int
		want       string
	}{
		{"no channel", `{"error":{"code":"model_not_found","message":"No available channel for model m","type":"new_api_error"}}`,
			http.StatusServiceUnavailable, exitOther, "no channel serves this model; xiexus models lists those that work"},
		{"no quota", `{"code":"insufficient_user_quota","message":"no quota","data":null}`, http.StatusForbidden, exitOther, "out of quota: top up"},
		{"no quota of the key", `{"code":"pre_consume_token_quota_failed","message":"no quota","data":null}`, http.StatusForbidden, exitOther, "top up"},
		{"the relay's own key", `{"code":"fail_to_fetch_task","message":"{\"error\":{\"message\":\"Incorrect API key\"}}","data":null}`,
			http.StatusUnauthorized, exitUnavailable, "Incorrect API key (code fail_to_fetch_task)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay.FailCreates(xiexustest.Fault{Status: test.status, Body: test.body})
			got := runCommand(t.Context(), "", "create", "-m", "m", "-p", "p")
			require.Equal(t, test.code, got.code, got.err)
			require.Contains(t, got.err, test.want)
		})
	}
}

func TestVerbose_ShowsTheResponseOfAnError(t *testing.T) {
	relay := startRelay(t)
	body := `{"code":"fail_to_fetch_task","message":"no","trace":"for ` + relay.APIKey() + `\u001b[2J"}`
	for _, flag := range []string{"-v", "-q"} {
		relay.FailCreates(xiexustest.Fault{Status: http.StatusBadRequest, Body: body})
		got := runCommand(t.Context(), "", "create", "-m", "m", "-p", "p", flag)
		require.Equal(t, flag == "-v", strings.Contains(got.err, `xiexus: the response was: {"code":"fail_to_fetch_task","message":"no","trace":"for `), got.err)
		require.NotContains(t, got.err, relay.APIKey())
		require.NotContains(t, got.err, "\x1b")
	}
}

func TestExitCodes_CompletedWithoutAVideo(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("done", xiexustest.Completes(0, ""))
		relay.SetContent(xiexustest.Delivery{Status: http.StatusNotFound})
		got := runCommand(t.Context(), "", "download", "done", "-O", "-")
		require.Equal(t, exitNoVideo, got.code, got.err)
		require.Contains(t, got.err, "completed, but without a URL, and the relay's video route returned 404")
	})
}
