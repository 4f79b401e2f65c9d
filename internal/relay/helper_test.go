package relay_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// videoURL is the URL of the video in most cases.
const videoURL = "https://cdn.example.com/video.mp4"

// tracked is a body that records how much of it was read and whether it was closed.
type tracked struct {
	io.Reader
	read   int
	closed bool
}

func (b *tracked) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.read += n
	return n, err
}

func (b *tracked) Close() error {
	b.closed = true
	return nil
}

// newResponse returns a response with a complete body. Headers are "Name: value".
func newResponse(status int, body string, headers ...string) *http.Response {
	resp := &http.Response{
		StatusCode:    status,
		Header:        http.Header{},
		Body:          &tracked{Reader: strings.NewReader(body)},
		ContentLength: int64(len(body)),
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		resp.Header.Set(name, value)
	}
	return resp
}

// read reads resp with reader, which must close the body in any case.
func read(t *testing.T, reader relay.Reader, resp *http.Response) (relay.Response, *relay.Failure) {
	t.Helper()
	response, failure := reader.ReadTask(resp, "t1")
	require.True(t, resp.Body.(*tracked).closed, "the body was not closed")
	return response, failure
}

// readTask reads a 200 that must have a task.
func readTask(t *testing.T, body string) relay.Task {
	t.Helper()
	response, failure := read(t, relay.Reader{MaxSize: 16 << 20}, newResponse(http.StatusOK, body))
	require.Nil(t, failure)
	return response.Task
}

// readError reads a response that must not be a task.
func readError(t *testing.T, reader relay.Reader, resp *http.Response) *relay.Failure {
	t.Helper()
	response, failure := read(t, reader, resp)
	require.Empty(t, response)
	require.NotNil(t, failure)
	return failure
}

// requireFailure compares failures, except for their bodies. A failure with Relay is Worded.
func requireFailure(t *testing.T, want, got *relay.Failure) {
	t.Helper()
	expected, actual := *want, *got
	expected.Worded = expected.Worded || expected.Relay
	actual.Body = ""
	require.Equal(t, expected, actual)
}

// The shapes that a task comes in. Each takes further fields of the task, as
// JSON that begins with a comma, or nothing.
var shapes = []struct {
	name string
	wrap func(fields string) string
}{
	{"flat", func(fields string) string {
		return `{"task_id":"t1"` + fields + `}`
	}},
	{"stored", func(fields string) string {
		return `{"code":"success","message":"","data":{"id":5,"task_id":"t1","platform":"50","user_id":2,"quota":50000,` +
			`"properties":{"input":""},"data":{"task_id":"upstream","status":"upstream","url":"upstream"}` + fields + `}}`
	}},
	{"realtime", func(fields string) string {
		return `{"code":"success","message":"","data":{"error":null,"metadata":null,"format":"mp4","task_id":"t1","url":""` + fields + `}}`
	}},
}
