package xiexustest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
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
		{"pause", xiexustest.Fault{Pause: time.Minute}, 200, `"completed"`, false, time.Minute},
		{"pause in an error", xiexustest.Fault{Pause: time.Minute, Status: 503}, 503, "get_task_failed", false, time.Minute},
		{"cut after a pause", xiexustest.Fault{Pause: time.Minute, Cut: true}, 200, `"format":"mp4"`, true, time.Minute},
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

func TestRelay_FailSendsHalfBeforeAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		relay.Add("task", xiexustest.Completes(0, ""))
		relay.Fail("task", xiexustest.Fault{Pause: time.Minute})
		start := time.Now()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, relay.BaseURL()+"/v1/video/generations/task", http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+relay.APIKey())
		resp, err := relay.HTTPClient().Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		_, err = io.ReadFull(resp.Body, make([]byte, resp.ContentLength/2))
		require.NoError(t, err)
		require.Zero(t, time.Since(start))
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		require.Equal(t, time.Minute, time.Since(start))
	})
}

// brokenWriter is the connection of a client that closes it when it has the headers.
type brokenWriter struct {
	*httptest.ResponseRecorder
	statuses []int
	close    func()
}

func (w *brokenWriter) WriteHeader(status int) {
	w.statuses = append(w.statuses, status)
	w.close()
}

func (w *brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestRelay_WritesNothingToAClientThatIsGone(t *testing.T) {
	tests := []struct {
		name  string
		fault xiexustest.Fault
		gone  bool // before the request
		want  []int
	}{
		{"during a delay", xiexustest.Fault{Delay: time.Minute}, true, nil},
		{"during the response", xiexustest.Fault{}, false, []int{200}},
		{"during a pause", xiexustest.Fault{Pause: time.Minute}, false, []int{200}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := xiexustest.NewRelay(t)
			relay.Add("task", xiexustest.Completes(0, ""))
			relay.Fail("task", test.fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.gone {
				cancel()
			}
			req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/video/generations/task", http.NoBody)
			req.Header.Set("Authorization", "Bearer "+relay.APIKey())
			w := &brokenWriter{ResponseRecorder: httptest.NewRecorder(), close: cancel}
			relay.ServeHTTP(w, req)
			require.Equal(t, test.want, w.statuses)
		})
	}
}
