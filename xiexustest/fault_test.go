package xiexustest_test

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestRelay_FailAppliesEachFaultOnce(t *testing.T) {
	tests := []struct {
		name   string
		fault  xiexustest.Fault
		status int // 0 if there is no response
		body   string
		broken bool // the body
		after  time.Duration
	}{
		{"none", xiexustest.Fault{}, 200, `"completed"`, false, 0},
		{"status", xiexustest.Fault{Status: 500}, 500, `"code":"get_task_failed"`, false, 0},
		{"429", xiexustest.Fault{Status: 429}, 429, `"error":{`, false, 0},
		{"body", xiexustest.Fault{Status: 503, Body: "overloaded"}, 503, "overloaded", false, 0},
		{"empty", xiexustest.Fault{Status: 502, Empty: true}, 502, "", false, 0},
		{"page", xiexustest.Fault{HTML: true}, 200, "<html>", false, 0},
		{"cut", xiexustest.Fault{Cut: true}, 200, `"format":"mp4"`, true, 0},
		{"reset", xiexustest.Fault{Reset: true}, 0, "", false, 0},
		{"delay", xiexustest.Fault{Delay: time.Minute}, 200, `"completed"`, false, time.Minute},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := xiexustest.NewRelay(t)
				relay.Add("task", xiexustest.Completes(0, "http://cdn/v"))
				relay.Fail("nope", test.fault)
				test.fault.RetryAfter = "7"
				relay.Fail("task", test.fault)
				start := time.Now()
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, relay.BaseURL()+"/v1/video/generations/task", http.NoBody)
				require.NoError(t, err)
				req.Header.Set("Authorization", "Bearer "+relay.APIKey())
				resp, err := relay.HTTPClient().Transport.RoundTrip(req)
				require.Equal(t, test.status == 0, err != nil)
				if err == nil {
					defer func() { _ = resp.Body.Close() }()
					body, err := io.ReadAll(resp.Body)
					require.Equal(t, test.broken, err != nil)
					require.Contains(t, string(body), test.body)
					require.Equal(t, test.status, resp.StatusCode)
					require.Equal(t, "7", resp.Header.Get("Retry-After"))
				}
				require.Equal(t, test.after, time.Since(start))
				require.Contains(t, read(t, relay, "task"), "completed", "the next read works")
			})
		})
	}
}
