package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// respond sets the environment to use a server that sends one response.
func respond(t *testing.T, status int, body string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Oneapi-Request-Id", "request-1")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	t.Setenv(xiexus.EnvAPIKey, testKey)
	t.Setenv(xiexus.EnvBaseURL, server.URL)
}

func TestErrors_OfModelsAndQuotas(t *testing.T) {
	const models = "xiexus models lists those that work"
	const quota = "out of quota: top up the account, or raise the limit of the key"
	tests := []struct {
		name   string
		status int
		body   string
		code   int
		want   string
	}{
		{"no channel", 503, `{"error":{"message":"No available channel for model m","type":"new_api_error","code":"model_not_found"}}`, exitOther, models},
		{"quota of the account", 403, `{"error":{"message":"quota","type":"new_api_error","code":"insufficient_user_quota"}}`, exitOther, quota},
		{"quota of the key", 403, `{"error":{"message":"quota","type":"new_api_error","code":"pre_consume_token_quota_failed"}}`, exitOther, quota},
		{"overloaded", 503, `{"error":{"message":"overloaded","type":"new_api_error","code":"system_cpu_overloaded"}}`, exitUnavailable, "503"},
		{"forbidden", 403, `{"error":{"message":"banned","type":"new_api_error","code":""}}`, exitKeyRejected, "banned"},
		{"the relay's own key", 401, `{"code":"fail_to_fetch_task","message":"{\"error\":{\"message\":\"bad key\"}}","data":null}`, exitUnavailable, "the upstream rejects the relay's own key"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			respond(t, test.status, test.body)
			got := runCommand(t.Context(), "", "create", "-m", "m", "-p", "p", "--max-retries", "0")
			require.Equal(t, test.code, got.code, got.err)
			require.Contains(t, got.err, test.want)
			require.NotContains(t, got.err, "check the API key")
		})
	}
}

func TestErrors_ShowTheResponseWithVerbose(t *testing.T) {
	page := "<html>\n<title>blocked\x1b[2J</title>\n" + testKey + "</html>"
	respond(t, http.StatusNotFound, page)
	const shown = "the response:\n<html>\n<title>blocked [2J</title>\n"
	for _, line := range []string{"get x --max-retries 0", "get x y --max-retries 0", "wait x --max-wait 1s"} {
		got := runCommand(t.Context(), "", append(strings.Fields(line), "-v")...)
		require.NotEqual(t, 0, got.code)
		require.Contains(t, got.err, shown)
		require.Equal(t, strings.Count(line, " y")+1, strings.Count(got.err, "the response:"), "once for each task")
		require.NotContains(t, got.err, testKey[3:])
		require.NotContains(t, runCommand(t.Context(), "", strings.Fields(line)...).err, "<title>")
	}
}

func TestGet_RawPrintsResponsesThatAreNotTasks(t *testing.T) {
	for status, body := range map[int]string{http.StatusOK: "<html>\n<p>front page", http.StatusBadRequest: `{"code":"task_not_exist"  }`} {
		respond(t, status, body)
		got := runCommand(t.Context(), "", "get", "x", "--raw", "--max-retries", "0")
		require.NotEqual(t, 0, got.code)
		require.Equal(t, body, got.out)
		require.NotEmpty(t, got.err)
	}
}
