package relay_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// fuzzLimit is the size of the largest response that these targets read.
const fuzzLimit = 64 << 10

// A batch is tasks that are in it, each under its own ID, or an error.
func FuzzReadBatch(f *testing.F) {
	for _, body := range []string{
		`{"code":"success","data":null}`, `{"code":0,"data":[]}`, `{"code":"success","data":[{"task_id":7e2,"status":"SUCCESS"}]}`,
		`{"code":"success","data":[{"task_id":"a","status":"FAILURE","fail_reason":"no","submit_time":1795330000},{"task_id":"a","status":"NEW"}]}`,
		`{"code":"success","data":[{"task_id":"a","data":{"metadata":{"width":"640.0","duration":5.5}}},null,1,"x",[]]}`,
	} {
		f.Add(http.StatusOK, []byte(body))
	}
	f.Add(http.StatusForbidden, []byte(`{"error":{"message":"no","code":"x"}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		resp := newResponse(status, string(body))
		tasks, failure := relay.Reader{MaxSize: fuzzLimit}.ReadBatch(resp)
		require.True(t, resp.Body.(*tracked).closed, "the body was not closed")
		if failure != nil {
			require.Empty(t, tasks)
			checkError(t, failure, status, len(body) <= fuzzLimit)
			return
		}
		require.Equal(t, 2, status/100)
		require.LessOrEqual(t, len(tasks), len(body)/len(`{"task_id":1}`))
		for id, response := range tasks {
			require.NotEmpty(t, id)
			require.Equal(t, id, response.Task.TaskID)
			require.True(t, bytes.Contains(body, response.Task.Raw), "its part of the response")
			checkTask(t, response.Task)
			checkOrigin(t, response.Task)
		}
	})
}

// The response to a create request names the task, or is an error.
func FuzzReadCreated(f *testing.F) {
	for _, body := range []string{
		`{"task_id":"t1","status":"queued"}`, `{"id":12345678901234567890}`, `{"id":"t1","error":{"message":"no"}}`,
		`{"code":"success","data":"t1"}`, `{"code":1,"data":{"task_id":"t1"}}`, `{"request_id":"r","output":{"task_id":"t1","task_status":"PENDING"}}`,
	} {
		f.Add(http.StatusOK, []byte(body))
	}
	f.Add(http.StatusTooManyRequests, []byte(`{"code":"x","message":"no"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		resp := newResponse(status, string(body))
		created, failure := relay.Reader{MaxSize: fuzzLimit}.ReadCreated(resp)
		require.True(t, resp.Body.(*tracked).closed, "the body was not closed")
		if failure != nil {
			require.Empty(t, created)
			checkError(t, failure, status, len(body) <= fuzzLimit)
			return
		}
		require.Equal(t, 2, status/100)
		task := created.Task
		require.NotEmpty(t, task.TaskID)
		require.NotEqual(t, relay.StatusUnknown, task.Status)
		require.True(t, task.URL != "" || !relay.IsCompleted(task.Status), "completed without a video")
		require.True(t, task.Status != gen.VideoTaskStatusQueued || task.Error == nil)
		checkTask(t, task)
		checkOrigin(t, task)
	})
}

// A list of models has only names that are in it.
func FuzzReadModels(f *testing.F) {
	for _, body := range []string{
		`{"data":[]}`, `{"data":null}`, `{"data":[{"id":"sora-2","object":"model"},{"id":1.50},{"id":""},null]}`, `{"data":[1]}`, `[]`, `<html>`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		resp := newResponse(http.StatusOK, string(body))
		names, failure := relay.Reader{MaxSize: fuzzLimit}.ReadModels(resp)
		require.True(t, resp.Body.(*tracked).closed, "the body was not closed")
		if failure != nil {
			require.Empty(t, names)
			checkError(t, failure, http.StatusOK, len(body) <= fuzzLimit)
			return
		}
		sent := literalsOf(body)
		for _, name := range names {
			require.True(t, sent.all[strings.TrimSpace(name)], name)
		}
	})
}
