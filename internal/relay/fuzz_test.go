package relay_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// Any response is a consistent task or an *Error.
func FuzzReadTask(f *testing.F) {
	for _, c := range tasks {
		f.Add(http.StatusOK, "application/json", []byte(c.body))
	}
	for _, c := range noTasks {
		f.Add(http.StatusOK, c.contentType, []byte(c.body))
	}
	for _, c := range errorResponses {
		f.Add(c.status, "", []byte(c.body))
	}
	for _, shape := range shapes {
		for _, fields := range []string{
			`,"status":"SUCCESS","fail_reason":"` + videoURL + `"`,
			`,"status":"FAILURE","fail_reason":"no","result_url":"no","progress":-1`,
			`,"status":"failed","error":"no","url":"https:// no"`,
			`,"status":3,"progress":45.7,"submit_time":1795330000123,"metadata":[],"data":{}`,
			`,"status":"succeeded","url":"data:video/mp4;base64,AAAA","error":{"code":"x"},"updated_at":"1e10"`,
		} {
			f.Add(http.StatusOK, "", []byte(shape.wrap(fields)))
		}
	}
	f.Add(http.StatusMovedPermanently, "text/html", []byte("<a>"))
	f.Add(http.StatusOK, "text/plain", []byte("\xef\xbb\xbf[\xff"))

	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		const limit = 1 << 20
		resp := newResponse(status, string(body))
		resp.Header["Content-Type"] = []string{contentType}
		fits := len(body) <= limit
		response, failure := read(t, relay.Reader{MaxSize: limit}, resp)
		if failure != nil {
			require.Empty(t, response)
			checkError(t, failure, status, fits)
			return
		}
		require.Equal(t, 2, status/100)
		require.True(t, fits)
		checkTask(t, response.Task)
		checkOrigin(t, response.Task)
		require.False(t, namesOnlyAnother(response.Task.Raw, "t1"), "the task of %s", response.Task.Raw)
	})
}

func checkError(t *testing.T, got *relay.Failure, status int, fits bool) {
	require.Equal(t, status, got.StatusCode)
	require.False(t, got.Cut && got.TooLarge)
	require.False(t, got.Rejected && status/100 != 2)
	require.Equal(t, !fits && status/100 == 2, got.TooLarge)
	require.True(t, utf8.ValidString(got.Message))
	if status/100 == 2 {
		require.NotEmpty(t, got.Message)
	}
}

func checkTask(t *testing.T, task relay.Task) {
	require.True(t, task.Status == relay.StatusUnknown || task.Status.Valid(), "status %q", task.Status)
	if task.Status == gen.VideoTaskStatusFailed {
		require.NotNil(t, task.Error)
	} else if task.Error != nil {
		require.True(t, relay.IsCompleted(task.Status) && task.URL == "", "only where there is no video")
	}
	if len(task.URLs) > 0 {
		require.Equal(t, task.URL, task.URLs[0])
		require.Greater(t, len(task.URLs), 1)
	}
	require.True(t, json.Valid(task.Raw))

	scheme, _, _ := strings.Cut(strings.ToLower(task.URL), ":")
	require.Contains(t, []string{"", "http", "https", "data"}, scheme)
	if task.Progress != nil {
		require.GreaterOrEqual(t, *task.Progress, 0)
		require.LessOrEqual(t, *task.Progress, 100)
	}
	// Times beyond the year 9999 cannot be encoded.
	for _, at := range []time.Time{task.SubmittedAt, task.StartedAt, task.FinishedAt, task.UpdatedAt} {
		_, err := at.MarshalJSON()
		require.NoError(t, err)
		require.False(t, !at.IsZero() && at.Unix() < 0, "%v", at)
	}
	if task.Error != nil {
		require.Equal(t, documentedError(task.ErrorCode, "").Code, task.Error.Code, "of %q", task.ErrorCode)
	}
}

// A delay is never negative, and never so long that durations overflow.
func FuzzRetryAfter(f *testing.F) {
	for _, c := range retryAfterCases {
		f.Add(c.value, c.date)
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		got := relay.RetryAfter(retryAfterHeader(value, date))
		require.GreaterOrEqual(t, got, time.Duration(0))
		require.LessOrEqual(t, got, year)
	})
}
