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

const html = "a page of HTML instead of JSON"

// noTasks are also what fuzzing begins from.
var noTasks = []struct {
	name, body, contentType string
	want                    relay.Error // without StatusCode and Cause
	transient, definite     bool
}{
	{
		name: "front page, where the base URL is wrong", body: "<!doctype html><title>New API</title>", contentType: "text/html; charset=utf-8",
		want: relay.Error{Kind: relay.KindUnexpected, Page: true, Message: html},
	},
	{
		name: "HTML that does not say so", body: "\n<html>", contentType: "application/json",
		want: relay.Error{Kind: relay.KindUnexpected, Page: true, Message: html},
	},
	{
		name: "empty", body: "", contentType: "application/json",
		want: relay.Error{Kind: relay.KindUnavailable, Cut: true, Message: "an empty answer"}, transient: true,
	},
	{
		name: "blanks", body: "\r\n ", contentType: "application/json",
		want: relay.Error{Kind: relay.KindUnavailable, Cut: true, Message: "an empty answer"}, transient: true,
	},
	{
		name: "byte order mark alone", body: "\xef\xbb\xbf",
		want: relay.Error{Kind: relay.KindUnavailable, Cut: true, Message: "an empty answer"}, transient: true,
	},
	{
		name: "JSON cut between fields", body: `{"code":"success","data":{"task_id":"t1","status":"SUCCESS"`,
		want: relay.Error{Kind: relay.KindUnavailable, Cut: true, Message: "the answer was cut off"}, transient: true,
	},
	{
		name: "JSON cut in a string", body: `{"task_id":"t1","status":"comple`,
		want: relay.Error{Kind: relay.KindUnavailable, Cut: true, Message: "the answer was cut off"}, transient: true,
	},
	{
		name: "JSON broken in the middle", body: `{"task_id":"t1",,"status":"completed"}`,
		want: relay.Error{Kind: relay.KindUnexpected, Message: "an answer that holds no task"},
	},
	{
		name: "two tasks in a row", body: `{"task_id":"t1","status":"queued"}{"task_id":"t2","status":"queued"}`,
		want: relay.Error{Kind: relay.KindUnexpected, Message: "an answer that holds no task"},
	},
	{
		name: "error envelope", body: `{"error":{"message":"Invalid token (request id: r1)","type":"new_api_error","param":"p","code":7}}`,
		want: relay.Error{
			Kind: relay.KindUnexpected, Message: "Invalid token (request id: r1)",
			Type: "new_api_error", Param: "p", Code: "7", RequestID: "r1",
		},
	},
	{
		name: "task_not_exist", body: `{"code":"task_not_exist","message":"task_not_exist","data":null}`,
		want: relay.Error{Kind: relay.KindNotFound, Code: "task_not_exist", Message: "task_not_exist"}, definite: true,
	},
	{
		name: "task_not_exist inside", body: `{"error":{"code":"task_not_exist"}}`,
		want:     relay.Error{Kind: relay.KindNotFound, Code: "task_not_exist", Message: "an answer that holds no task"},
		definite: true,
	},
	{
		name: "envelope of nothing", body: `{"code":"success","message":"","data":null}`,
		want: relay.Error{Kind: relay.KindUnexpected, Message: "an answer that holds no task"},
	},
	{
		name: "data that is no task", body: `{"message":"ok","data":{"url":"` + address + `"}}`,
		want: relay.Error{Kind: relay.KindUnexpected, Message: "ok"},
	},
	{
		name: "data of another type", body: `{"data":[{"task_id":"t1","status":"SUCCESS"}]}`,
		want: relay.Error{Kind: relay.KindUnexpected, Message: "an answer that holds no task"},
	},
	{
		name: "array", body: `[{"task_id":"t1","status":"completed"}]`,
		want: relay.Error{Kind: relay.KindUnexpected, Message: "an answer that holds no task"},
	},
	{
		name: "empty object", body: `{}`,
		want: relay.Error{Kind: relay.KindUnexpected, Message: "an answer that holds no task"},
	},
	{name: "JSON null", body: `null`, want: relay.Error{Kind: relay.KindUnexpected, Message: "null"}},
	{name: "text", body: "ok\nmore", contentType: "text/plain", want: relay.Error{Kind: relay.KindUnexpected, Message: "ok"}},
}

// A 200 does not make a task.
func TestSuccessWithoutATask(t *testing.T) {
	for _, c := range noTasks {
		t.Run(c.name, func(t *testing.T) {
			c.want.StatusCode, c.want.RetryAfter = http.StatusOK, time.Second
			resp := answered(http.StatusOK, c.body, "Content-Type: "+c.contentType, "Retry-After: 1")
			told := readError(t, relay.Reader{MaxSize: 1 << 20}, resp)
			told.Cause = nil
			require.Equal(t, &c.want, told)
			require.Equal(t, c.transient, told.Transient(), "transient")
			require.Equal(t, c.definite, told.Definite(), "definite")
		})
	}
}

func TestCauseOfBrokenJSON(t *testing.T) {
	told := readError(t, relay.Reader{MaxSize: 1 << 20}, answered(http.StatusOK, `{"task_id":`))
	var syntax *json.SyntaxError
	require.ErrorAs(t, told, &syntax)
}

// A connection that ends early is worth another question.
func TestCutBody(t *testing.T) {
	const body = `{"task_id":"t1","status":"completed"}`
	reset := errors.New("connection reset")
	cases := []struct {
		name   string
		body   io.Reader
		length int64
		cause  error
	}{
		{"short of its length", strings.NewReader(body), 100, io.ErrUnexpectedEOF},
		{"nothing of its length", strings.NewReader(""), 100, io.EOF},
		{"short of a great length", io.MultiReader(strings.NewReader(body), failing{io.ErrUnexpectedEOF}), 100 << 10, io.ErrUnexpectedEOF},
		{"reset", io.MultiReader(strings.NewReader(body), failing{reset}), 100, reset},
		{"reset, of unknown length", io.MultiReader(strings.NewReader(body), failing{reset}), -1, reset},
		{"reset at once", failing{reset}, -1, reset},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			resp := answered(http.StatusOK, "", "X-Oneapi-Request-Id: r1", "Retry-After: 3")
			resp.Body, resp.ContentLength = &tracked{Reader: c.body}, c.length
			told := readError(t, relay.Reader{MaxSize: 1 << 20}, resp)
			require.ErrorIs(t, told, c.cause)
			told.Cause = nil
			require.Equal(t, &relay.Error{
				Kind: relay.KindUnavailable, StatusCode: http.StatusOK, Cut: true, Message: "the answer was cut off",
				RequestID: "r1", RetryAfter: 3 * time.Second,
			}, told)
			require.True(t, told.Transient())
		})
	}
}

// Bodies come in pieces, of known length and unknown.
func TestBodyInPieces(t *testing.T) {
	const body = `{"task_id":"t1","status":"completed"}`
	for name, length := range map[string]int64{"known length": int64(len(body)), "unknown length": -1} {
		t.Run(name, func(t *testing.T) {
			resp := answered(http.StatusOK, "")
			resp.Body, resp.ContentLength = &tracked{Reader: iotest.OneByteReader(strings.NewReader(body))}, length
			answer, err := read(t, relay.Reader{MaxSize: 1 << 20}, resp)
			require.NoError(t, err)
			require.Equal(t, body, string(answer.Task.Raw))
			require.Zero(t, answer.RetryAfter)
		})
	}
}

func TestRedirect(t *testing.T) {
	const page = `<a href="/v1/video/generations/t1">Moved Permanently</a>.`
	cases := []struct {
		name     string
		status   int
		location string
		want     relay.Error
	}{
		{
			"trailing slash", http.StatusMovedPermanently, "/v1/video/generations/t1",
			relay.Error{Message: `a redirect to "/v1/video/generations/t1", which is not followed`, Page: true},
		},
		{
			"elsewhere", http.StatusTemporaryRedirect, "https://login.example.com/?to=\x1b",
			relay.Error{Message: `a redirect to "https://login.example.com/?to=\x1b", which is not followed`, Page: true},
		},
		{"to nowhere", http.StatusFound, "", relay.Error{Message: html, Page: true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.want.Kind, c.want.StatusCode = relay.KindUnexpected, c.status
			resp := answered(c.status, page, "Content-Type: text/html; charset=utf-8", "Location: "+c.location)
			told := readError(t, relay.Reader{MaxSize: 1 << 20}, resp)
			require.Equal(t, &c.want, told)
			require.False(t, told.Transient())
			require.False(t, told.Definite())
		})
	}
	t.Run("a Location of anything else is no redirect", func(t *testing.T) {
		told := readError(t, relay.Reader{MaxSize: 1 << 20}, answered(http.StatusForbidden, "no", "Location: /login"))
		require.Equal(t, "no", told.Message)
	})
}
