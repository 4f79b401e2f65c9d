package relay_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/relay"
)

const html = "HTML page instead of JSON"

// noTasks are also seeds for fuzzing.
var noTasks = []struct {
	name, body, contentType string
	want                    relay.Failure // without StatusCode and Cause
}{
	{
		name: "front page, where the base URL is wrong", body: "<!doctype html><title>New API</title>", contentType: "text/html; charset=utf-8",
		want: relay.Failure{Page: true, Message: html},
	},
	{
		name: "HTML without the content type", body: "\n<html>", contentType: "application/json",
		want: relay.Failure{Page: true, Message: html},
	},
	{
		name: "empty", body: "", contentType: "application/json",
		want: relay.Failure{Cut: true, Message: "empty response"},
	},
	{
		name: "white space", body: "\r\n ", contentType: "application/json",
		want: relay.Failure{Cut: true, Message: "empty response"},
	},
	{
		name: "only a byte order mark", body: "\xef\xbb\xbf",
		want: relay.Failure{Cut: true, Message: "empty response"},
	},
	{
		name: "JSON that ends between fields", body: `{"code":"success","data":{"task_id":"t1","status":"SUCCESS"`,
		want: relay.Failure{Cut: true, Message: "response truncated"},
	},
	{
		name: "JSON that ends in a string", body: `{"task_id":"t1","status":"comple`,
		want: relay.Failure{Cut: true, Message: "response truncated"},
	},
	{
		name: "invalid JSON", body: `{"task_id":"t1",,"status":"completed"}`,
		want: relay.Failure{Message: "no task in the response"},
	},
	{
		name: "two tasks in a row", body: `{"task_id":"t1","status":"queued"}{"task_id":"t2","status":"queued"}`,
		want: relay.Failure{Message: "no task in the response"},
	},
	{
		name: "error envelope", body: `{"error":{"message":"Invalid token (request id: r1)","type":"new_api_error","param":"p","code":7}}`,
		want: relay.Failure{
			Message: "Invalid token (request id: r1)",
			Type:    "new_api_error", Param: "p", Code: "7", RequestID: "r1", Relay: true, Rejected: true,
		},
	},
	{
		name: "task_not_exist", body: `{"code":"task_not_exist","message":"task_not_exist","data":null}`,
		want: relay.Failure{Code: "task_not_exist", Message: "task_not_exist", Relay: true, Rejected: true},
	},
	{
		name: "task_not_exist in the other envelope", body: `{"error":{"code":"task_not_exist"}}`,
		want: relay.Failure{Code: "task_not_exist", Message: "no task in the response", Relay: true, Rejected: true},
	},
	{
		name: "empty envelope", body: `{"code":"success","message":"","data":null}`,
		want: relay.Failure{Message: "no task in the response"},
	},
	{
		name: "data that is not a task", body: `{"message":"ok","data":{"url":"` + videoURL + `"}}`,
		want: relay.Failure{Message: "no task in the response"},
	},
	{
		name: "data of another type", body: `{"data":[["t1","SUCCESS"]]}`,
		want: relay.Failure{Message: "no task in the response"},
	},
	{
		name: "empty object", body: `{}`,
		want: relay.Failure{Message: "no task in the response"},
	},
	{name: "JSON null", body: `null`, want: relay.Failure{Message: "null"}},
	{name: "text", body: "ok\nmore", contentType: "text/plain", want: relay.Failure{Message: "ok"}},
}

// A 200 may have no task.
func TestReader_SuccessWithoutATask(t *testing.T) {
	for _, c := range noTasks {
		t.Run(c.name, func(t *testing.T) {
			c.want.StatusCode, c.want.RetryAfter = http.StatusOK, time.Second
			resp := newResponse(http.StatusOK, c.body, "Content-Type: "+c.contentType, "Retry-After: 1")
			got := readError(t, relay.Reader{MaxSize: 1 << 20}, resp)
			got.Cause = nil
			requireFailure(t, &c.want, got)
		})
	}
}

func TestReader_CauseOfInvalidJSON(t *testing.T) {
	got := readError(t, relay.Reader{MaxSize: 1 << 20}, newResponse(http.StatusOK, `{"task_id":`))
	var syntax *json.SyntaxError
	require.ErrorAs(t, got.Cause, &syntax)
}

func TestReader_BodyEndsEarly(t *testing.T) {
	const body = `{"task_id":"t1","status":"completed"}`
	reset := errors.New("connection reset")
	cases := []struct {
		name   string
		body   io.Reader
		length int64
		cause  error
	}{
		{"shorter than its length", strings.NewReader(body), 100, io.ErrUnexpectedEOF},
		{"nothing of its length", strings.NewReader(""), 100, io.ErrUnexpectedEOF},
		{"shorter than a large length", io.MultiReader(strings.NewReader(body), failing{io.ErrUnexpectedEOF}), 100 << 10, io.ErrUnexpectedEOF},
		{"reset", io.MultiReader(strings.NewReader(body), failing{reset}), 100, reset},
		{"reset, unknown length", io.MultiReader(strings.NewReader(body), failing{reset}), -1, reset},
		{"reset at once", failing{reset}, -1, reset},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			resp := newResponse(http.StatusOK, "", "X-Oneapi-Request-Id: r1", "Retry-After: 3")
			resp.Body, resp.ContentLength = &tracked{Reader: c.body}, c.length
			got := readError(t, relay.Reader{MaxSize: 1 << 20}, resp)
			require.ErrorIs(t, got.Cause, c.cause)
			got.Cause = nil
			requireFailure(t, &relay.Failure{
				StatusCode: http.StatusOK, Cut: true, Message: "response truncated",
				RequestID: "r1", RetryAfter: 3 * time.Second,
			}, got)
		})
	}
}

func TestReader_BodyInPieces(t *testing.T) {
	const body = `{"task_id":"t1","status":"completed"}`
	for name, length := range map[string]int64{"known length": int64(len(body)), "unknown length": -1} {
		t.Run(name, func(t *testing.T) {
			resp := newResponse(http.StatusOK, "")
			resp.Body, resp.ContentLength = &tracked{Reader: iotest.OneByteReader(strings.NewReader(body))}, length
			got, failure := read(t, relay.Reader{MaxSize: 1 << 20}, resp)
			require.Nil(t, failure)
			require.Equal(t, body, string(got.Task.Raw))
			require.Zero(t, got.RetryAfter)
		})
	}
}

func TestReader_Redirect(t *testing.T) {
	const page = `<a href="/v1/video/generations/t1">Moved Permanently</a>.`
	cases := []struct {
		name     string
		status   int
		location string
		want     relay.Failure
	}{
		{
			"trailing slash", http.StatusMovedPermanently, "/v1/video/generations/t1",
			relay.Failure{Message: `redirect to "/v1/video/generations/t1" not followed`, Page: true},
		},
		{
			"elsewhere", http.StatusTemporaryRedirect, "https://login.example.com/?to=\x1b",
			relay.Failure{Message: `redirect to "https://login.example.com/?to=\x1b" not followed`, Page: true},
		},
		{"to nowhere", http.StatusFound, "", relay.Failure{Message: html, Page: true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.want.StatusCode = c.status
			resp := newResponse(c.status, page, "Content-Type: text/html; charset=utf-8", "Location: "+c.location)
			got := readError(t, relay.Reader{MaxSize: 1 << 20}, resp)
			requireFailure(t, &c.want, got)
		})
	}
	t.Run("a Location of another status is not a redirect", func(t *testing.T) {
		got := readError(t, relay.Reader{MaxSize: 1 << 20}, newResponse(http.StatusForbidden, "no", "Location: /login"))
		require.Equal(t, "no", got.Message)
	})
}

func TestReader_ByteOrderMarkBeforeAnError(t *testing.T) {
	got := readError(t, relay.Reader{MaxSize: 1 << 20}, newResponse(http.StatusBadRequest, "\xef\xbb\xbf"+`{"code":"task_not_exist"}`))
	require.Equal(t, "task_not_exist", got.Code)
}

func TestReader_InvalidJSONIsNotCut(t *testing.T) {
	for _, body := range []string{`{"task_id":}`, `{"task_id":"t","status":"queued"}x`} {
		got := readError(t, relay.Reader{MaxSize: 1 << 20}, newResponse(http.StatusOK, body))
		require.False(t, got.Cut)
	}
}

// Many transports made by hand leave the length at 0.
func TestReader_ContentLengthOfZero(t *testing.T) {
	resp := newResponse(http.StatusOK, `{"task_id":"t1","status":"queued"}`)
	resp.ContentLength = 0
	_, failure := read(t, relay.Reader{MaxSize: 1 << 20}, resp)
	require.Nil(t, failure)
}

// A deeply nested body neither overflows the stack nor takes long.
func TestReader_DeepBody(t *testing.T) {
	for _, opening := range []string{"[", `{"a":`, `{"data":`, `{"data":[`, `{"error":`} {
		for _, size := range []int{64 << 10, 16 << 20} {
			start := time.Now()
			body := `{"data":` + strings.Repeat(opening, size/len(opening))
			got := readError(t, relay.Reader{MaxSize: 32 << 20}, newResponse(http.StatusOK, body))
			require.Error(t, got.Cause)
			require.Less(t, time.Since(start), time.Minute)
		}
	}
}
