package xiexus_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// parrot repeats the key in the status line, in each header and trailer, and in the body.
type parrot struct {
	status int
	body   string // in which KEY is the key
}

func (p parrot) RoundTrip(req *http.Request) (*http.Response, error) {
	key := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	if key == "" {
		key = testKey // to a CDN, which does not get it: it may have it from the relay
	}
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	header := http.Header{"Content-Type": {"application/json; charset=" + key}, "Trailer": {"X-Trailer"}}
	for _, name := range []string{
		"X-Oneapi-Request-Id", "Location", "Retry-After", "Date", "Etag", "Content-Encoding", "Content-Disposition",
		"Set-Cookie", "Www-Authenticate", "Proxy-Authenticate", "Digest", "Content-Range", "X-New-Api-Version",
	} {
		header.Set(name, key)
	}
	return &http.Response{
		Status: fmt.Sprint(p.status, " ", key), StatusCode: p.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Trailer: http.Header{"X-Trailer": {key}}, ContentLength: -1,
		Body: io.NopCloser(strings.NewReader(strings.ReplaceAll(p.body, "KEY", key))), Request: req,
	}, nil
}

// bodies are what a relay may send that repeats the key: in every field that is read, in
// tasks of each dialect, batches, created tasks, models, errors, pages and videos.
var bodies = map[string]string{
	"documented": `{"task_id":"task","status":"failed","url":"https://cdn.example.com/KEY","format":"KEY","error":{"code":"KEY","message":"KEY"},"metadata":{"KEY":"KEY"}}`,
	"completed":  `{"task_id":"task","status":"completed","url":"https://cdn.example.com/v.mp4?KEY","format":"KEY"}`,
	"unknown":    `{"task_id":"task","status":"KEY","KEY":"KEY"}`,
	"stored":     `{"code":"success","message":"KEY","data":{"task_id":"task","status":"FAILURE","fail_reason":"KEY","result_url":"KEY","progress":"KEY","data":{"KEY":["KEY"]}}}`,
	"batch":      `{"code":"success","message":"KEY","data":[{"task_id":"task","status":"FAILURE","fail_reason":"KEY"},{"task_id":"KEY"}]}`,
	"created":    `{"id":"KEY","task_id":"KEY","model":"KEY","status":"KEY"}`,
	"models":     `{"object":"list","data":[{"id":"KEY"},{"id":"a","owned_by":"KEY"}]}`,
	"error":      `{"error":{"message":"KEY","type":"KEY","code":"KEY","param":"KEY"}}`,
	"envelope":   `{"code":"KEY","message":"KEY {\"error\":{\"message\":\"KEY\"}}","data":"KEY"}`,
	"cut":        `{"task_id":"task","status":"queued","url":"KEY`,
	"page":       `<!doctype html><title>KEY</title><body>KEY</body>`,
	"text":       `KEY`,
	"video":      "\x00\x00\x00\x14ftypisom KEY",
}

// everything collects what a user, a log or another program may see.
type everything struct {
	*testing.T
	text bytes.Buffer
	seen map[uintptr]bool
}

// add adds a value in every form, and all that can be reached from it.
func (e *everything) add(values ...any) {
	for _, value := range values {
		if value == nil {
			continue
		}
		e.text.WriteString(inEveryForm(value))
		e.walk(reflect.ValueOf(value))
		if err, ok := value.(error); ok {
			e.addError(err)
		}
	}
}

func (e *everything) addError(err error) {
	switch err := err.(type) { //nolint:errorlint // each error of the chain
	case interface{ Unwrap() error }:
		e.add(err.Unwrap())
	case interface{ Unwrap() []error }:
		for _, wrapped := range err.Unwrap() {
			e.add(wrapped)
		}
	}
}

// walk adds the texts in the exported fields of a value.
func (e *everything) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		e.text.WriteString(v.String())
	case reflect.Pointer, reflect.Interface:
		if v.Kind() == reflect.Pointer && e.seen[v.Pointer()] {
			return
		}
		if !v.IsNil() {
			if v.Kind() == reflect.Pointer {
				e.seen[v.Pointer()] = true
			}
			e.walk(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				e.walk(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
			e.text.Write(v.Bytes())
			return
		}
		for i := range v.Len() {
			e.walk(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			e.walk(key)
			e.walk(v.MapIndex(key))
		}
	}
}

// addFiles adds the names and contents of what is in a directory.
func (e *everything) addFiles(dir string) {
	require.NoError(e, filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		require.NoError(e, err)
		e.text.WriteString(strings.TrimPrefix(name, dir))
		if !entry.IsDir() {
			content, err := os.ReadFile(name)
			require.NoError(e, err)
			e.text.Write(content)
		}
		return nil
	}))
}

// call makes every call of a client, and collects all that comes of it.
func (e *everything) call(ctx context.Context, client *xiexus.Client, dir string) {
	task, err := client.Get(ctx, "task")
	e.add(task, err)
	ids := slices.Values([]string{"task", "other"})
	for outcome := range client.GetAll(ctx, ids) {
		e.add(outcome)
	}
	for outcome := range client.WaitAll(ctx, ids, xiexus.WithMaxWait(time.Minute)) {
		e.add(outcome, outcome.Task, outcome.Err)
	}
	for task, err := range client.Watch(ctx, "task", xiexus.WithMaxWait(time.Minute)) {
		e.add(task, err)
	}
	task, cursor, err := client.Poll(ctx, xiexus.NewCursor("task"))
	e.add(task, cursor, err)
	created, err := client.Create(ctx, pianoCat)
	e.add(created, err)
	models, err := client.Models(ctx)
	e.add(models, err)
	completed := &xiexus.Task{}
	completed.TaskID, completed.Status, completed.URL = "task", xiexus.StatusCompleted, "https://cdn.example.com/v.mp4"
	for _, task := range []*xiexus.Task{completed, task, created} {
		if task == nil {
			continue
		}
		e.add(task.Err(), task.FileName())
		_, err = client.Download(ctx, task, &e.text)
		e.add(err)
		_, err = client.DownloadFile(ctx, task, filepath.Join(dir, task.FileName()))
		e.add(err)
	}
	e.add(client, *client, client.API())
	req, err := client.API().RequestGetVideoGeneration(ctx, "task")
	require.NoError(e, err)
	resp, err := client.API().Client.Do(req)
	if err == nil {
		_, _ = io.Copy(io.Discard, resp.Body) // as the relay sent it; the trailer comes after it
		_ = resp.Body.Close()
		e.add(resp.Status, resp.Header, resp.Trailer)
	}
	e.add(err)
}

// TestKey_IsNowhere lets a relay repeat the key wherever it can, and looks for it in all
// that comes of every call: results, errors, logs, JSON, every verb of fmt, and files.
func TestKey_IsNowhere(t *testing.T) {
	for _, status := range []int{101, 200, 302, 400, 401, 404, 429, 500} {
		for name, body := range bodies {
			t.Run(fmt.Sprint(status, " ", name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := &everything{T: t, seen: map[uintptr]bool{}}
					transport := parrot{status, body}
					var log bytes.Buffer
					logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
					client := clientOf(t, nil, xiexus.WithHTTPClient(&http.Client{Transport: transport}),
						xiexus.WithDownloadTransport(transport), xiexus.WithLogger(logger))
					dir := t.TempDir()
					e.call(t.Context(), client, dir)
					e.addFiles(dir)
					found := strings.ToLower(e.text.String() + log.String())
					at := strings.Index(found, strings.ToLower(secret))
					if name == "video" && status/100 == 2 {
						return // what a server sends as a video is saved as it is
					}
					require.Negative(t, at, "%.300q", found[max(at-100, 0):])
				})
			})
		}
	}
}
