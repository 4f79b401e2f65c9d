package xiexus_test

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// variable is what differs from run to run in a log.
var variable = regexp.MustCompile(`time=\S+ | (delay|duration)=\S+`)

// readLog returns the lines of a log without what is variable.
func readLog(log *strings.Builder) []string {
	return strings.Split(strings.TrimSpace(variable.ReplaceAllString(log.String(), "")), "\n")
}

const (
	getURL    = "http://relay.localhost/v1/video/generations/task"
	createURL = "http://relay.localhost/v1/video/generations"
)

func TestGet_LogsEachRequestAndRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(0, ""))
		relay.Fail("task", xiexustest.Fault{Status: http.StatusBadGateway, Empty: true}, xiexustest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "20"})
		_, err := newClient(t, relay, xiexus.WithLogger(loggerTo(&log))).Get(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, []string{
			`level=DEBUG msg=request method=GET url=` + getURL + ` status=502`,
			`level=WARN msg="reading task failed, retrying" task_id=task error="GET ` + getURL + `: 502 Bad Gateway (request ID fake-000001)"`,
			`level=DEBUG msg=request method=GET url=` + getURL + ` status=429`,
			`level=WARN msg="reading task failed, retrying" task_id=task error="GET ` + getURL + `: 429 Too Many Requests: too many requests (request ID fake-000002); retry in 20s"`,
			`level=DEBUG msg=request method=GET url=` + getURL + ` status=200`,
		}, readLog(&log))
		require.Contains(t, log.String(), " delay=20s\n")
		require.Contains(t, log.String(), " duration=0s\n")
	})
}

func TestCreate_LogsEachRequestAndRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		relay := newRelay(t)
		relay.FailCreates(xiexustest.Fault{Status: http.StatusTooManyRequests})
		_, err := newClient(t, relay, xiexus.WithLogger(loggerTo(&log))).Create(t.Context(), pianoCat)
		require.NoError(t, err)
		require.Equal(t, []string{
			`level=DEBUG msg=request method=POST url=` + createURL + ` status=429`,
			`level=WARN msg="task not accepted, retrying" error="POST ` + createURL +
				`: 429 Too Many Requests: rejected by the fake relay (code fail_to_fetch_task) (request ID fake-000001); retry later"`,
			`level=DEBUG msg=request method=POST url=` + createURL + ` status=200`,
		}, readLog(&log), "the prompt is not logged")
		require.NotContains(t, log.String(), secret)
	})
}

func TestWait_LogsEachRequestAndError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(5*time.Second, video))
		relay.Fail("task", xiexustest.Fault{Status: http.StatusNotFound}, xiexustest.Fault{Status: http.StatusServiceUnavailable, Empty: true})
		_, err := newClient(t, relay, xiexus.WithLogger(loggerTo(&log))).Wait(t.Context(), "task")
		require.NoError(t, err)
		lines := readLog(&log)
		require.Equal(t, `level=DEBUG msg=request method=GET url=`+getURL+` status=404`, lines[0])
		require.Regexp(t, `^level=DEBUG msg="the relay has not stored the task yet" task_id=task error="GET .*: 404 Not Found`, lines[1], "this is expected")
		require.Equal(t, `level=DEBUG msg=request method=GET url=`+getURL+` status=503`, lines[2])
		require.Regexp(t, `^level=WARN msg="reading task failed, polling again" task_id=task error="GET .*: 503 Service Unavailable`, lines[3])
		require.Len(t, lines, len(relay.Requests())+2)
	})
}

func TestGet_LogsARequestWithoutAResponse(t *testing.T) {
	var log strings.Builder
	refuse := roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })
	client := newClient(t, newRelay(t), xiexus.WithHTTPClient(&http.Client{Transport: refuse}),
		xiexus.WithMaxRetries(0), xiexus.WithLogger(loggerTo(&log)))
	_, err := client.Get(t.Context(), "task")
	require.ErrorIs(t, err, xiexus.ErrUnavailable)
	require.Equal(t, []string{
		`level=DEBUG msg=request method=GET url=` + getURL + ` error="relay unavailable: Get \"` + getURL + `\": connection refused"`,
	}, readLog(&log))
}

// A page is not a relay that has not stored the task yet, even with the same status.
func TestWait_LogsAPageAsAWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<html>")
		}, xiexus.WithLogger(loggerTo(&log)))
		_, err := client.Wait(t.Context(), "task", xiexus.WithMaxWait(5*time.Second))
		require.ErrorIs(t, err, xiexus.ErrWaitTimeout)
		require.Contains(t, log.String(), `level=WARN msg="reading task failed, polling again"`)
	})
}
