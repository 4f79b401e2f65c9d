package xiexus_test

import (
	"errors"
	"fmt"
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

// logged is the record of a request for the task, or of a create request.
func logged(status, attempt, number int) string {
	return fmt.Sprintf("level=DEBUG msg=request method=GET host=relay.localhost path=/v1/video/generations/task "+
		"status=%d attempt=%d request_id=fake-%06d", status, attempt, number)
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
			logged(502, 1, 1),
			`level=WARN msg="reading task failed, retrying" task_id=task error="GET ` + getURL + `: 502 Bad Gateway (request ID fake-000001)"`,
			logged(429, 2, 2),
			`level=WARN msg="reading task failed, retrying" task_id=task error="GET ` + getURL + `: 429 Too Many Requests: too many requests (request ID fake-000002); retry in 20s"`,
			logged(200, 3, 3),
		}, readLog(&log))
		require.Contains(t, log.String(), " delay=20s\n")
		require.Contains(t, log.String(), " duration=0s ")
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
			`level=DEBUG msg=request method=POST host=relay.localhost path=/v1/video/generations status=429 attempt=1 request_id=fake-000001`,
			`level=WARN msg="task not accepted, retrying" error="POST ` + createURL +
				`: 429 Too Many Requests: rejected by the fake relay (code fail_to_fetch_task) (request ID fake-000001); retry later"`,
			`level=DEBUG msg=request method=POST host=relay.localhost path=/v1/video/generations status=200 attempt=2 request_id=fake-000002`,
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
		require.Equal(t, logged(404, 1, 1), lines[0])
		require.Regexp(t, `^level=DEBUG msg="the relay has not stored the task yet" task_id=task error="GET .*: 404 Not Found`, lines[1], "this is expected")
		require.Equal(t, logged(503, 2, 2), lines[2], "in a wait, the attempts since a poll has succeeded")
		require.Regexp(t, `^level=WARN msg="reading task failed, polling again" task_id=task error="GET .*: 503 Service Unavailable`, lines[3])
		require.Regexp(t, `"reading task failed, polling again" .* delay=[1-9][0-9.]*s\n`, log.String())
		require.Equal(t, logged(200, 3, 3), lines[4])
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
		`level=DEBUG msg=request method=GET host=relay.localhost path=/v1/video/generations/task attempt=1 error="connection refused"`,
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

func TestPoll_LogsTheAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(time.Hour, video))
		relay.Fail("task", xiexustest.Fault{Status: http.StatusBadGateway})
		client := newClient(t, relay, xiexus.WithLogger(loggerTo(&log)))
		cursor := xiexus.NewCursor("task")
		for range 3 {
			_, cursor, _ = client.Poll(t.Context(), cursor)
		}
		require.Equal(t, []string{logged(502, 1, 1), logged(200, 2, 2), logged(200, 1, 3)}, readLog(&log))
	})
}

func TestWaitAll_LogsTheAttemptOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		relay := newRelay(t)
		relay.Add("task_0", xiexustest.Completes(0, video, xiexustest.Stored))
		relay.Add("task_1", xiexustest.Completes(0, video, xiexustest.Stored))
		relay.FailBatches(xiexustest.Fault{Status: http.StatusBadGateway})
		client := newClient(t, relay, xiexus.WithLogger(loggerTo(&log)))
		collect(t, client.WaitAll(t.Context(), numbered(2)))
		lines := readLog(&log)
		require.Contains(t, lines[0], "path=/suno/fetch status=502 attempt=1 ")
		require.Contains(t, lines[2], "path=/suno/fetch status=200 attempt=2 ")
	})
}

func TestDownload_LogsEachRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		relay, cdn := newRelay(t), xiexustest.NewCDN()
		cdn.Put("/v.mp4", xiexustest.Delivery{Cuts: []int64{1000}, Header: http.Header{"X-Request-Id": {"edge-1"}}})
		relay.Host("cdn.example.com", cdn)
		relay.Add("task", xiexustest.Completes(0, video+"?signature=secret"))
		client := newClient(t, relay, xiexus.WithLogger(loggerTo(&log)))
		task, err := client.Get(t.Context(), "task")
		require.NoError(t, err)
		_, err = client.Download(t.Context(), task, io.Discard)
		require.NoError(t, err)
		lines := readLog(&log)
		const request = "level=DEBUG msg=request method=GET host=cdn.example.com path=/v.mp4 "
		require.Equal(t, request+"status=200 attempt=1 request_id=edge-1 offset=0", lines[1])
		require.Contains(t, lines[2], "level=WARN msg=\"download interrupted, retrying\"")
		require.Equal(t, request+"status=206 attempt=1 request_id=edge-1 offset=1000", lines[3], "the first since something was received")
		require.NotContains(t, log.String(), "secret")
	})
}

func TestDownload_LogsARequestWithoutAResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		refuse := roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })
		client := newClient(t, newRelay(t), xiexus.WithDownloadTransport(refuse), xiexus.WithMaxRetries(1), xiexus.WithLogger(loggerTo(&log)))
		task := &xiexus.Task{VideoTask: xiexus.VideoTask{TaskID: "task", Status: xiexus.StatusCompleted, URL: video + "?signature=secret"}}
		_, err := client.Download(t.Context(), task, io.Discard)
		require.ErrorContains(t, err, "connection refused")
		lines := readLog(&log)
		const request = "level=DEBUG msg=request method=GET host=cdn.example.com path=/v.mp4 "
		require.Equal(t, request+`attempt=1 error="server unavailable: GET `+video+`: connection refused" offset=0`, lines[0])
		require.Contains(t, lines[2], request+"attempt=2 ")
		require.NotContains(t, log.String(), "secret")
	})
}

func TestGet_QueryOfARedirectIsNeitherLoggedNorInTheError(t *testing.T) {
	var log strings.Builder
	redirect := roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.URL.RawQuery != "" {
			return nil, errors.New("connection reset")
		}
		header := http.Header{"Location": {req.URL.Path + "?ticket=secret"}}
		return &http.Response{StatusCode: http.StatusFound, Header: header, Body: http.NoBody}, nil
	})
	client := newClient(t, newRelay(t), xiexus.WithHTTPClient(&http.Client{Transport: redirect}),
		xiexus.WithMaxRetries(1), xiexus.WithLogger(loggerTo(&log)))
	_, err := client.Get(t.Context(), "task")
	require.ErrorContains(t, err, "connection reset")
	require.NotContains(t, err.Error()+log.String(), "secret")
	require.Contains(t, log.String(), "level=WARN")
}
