package fakerelay_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/fakerelay"
	"github.com/xiexus/xiexus-go/openapi"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "sk-fake"

// ask reads a task from the relay, as a program that only knows HTTP would.
func ask(t *testing.T, relay *fakerelay.Relay, path, key string) (*http.Response, []byte) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://relay"+path, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := relay.HTTPClient().Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, body
}

func TestTheDocumentedDialectIsAsTheDocumentSays(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(openapi.Document())
	require.NoError(t, err)
	document.Servers = nil // the relay is not there
	router, err := legacy.NewRouter(document)
	require.NoError(t, err)

	scripts := map[string]fakerelay.Script{
		"completed": fakerelay.Completes(0, "https://cdn.example.com/v.mp4"),
		"failed":    fakerelay.Fails(0, "unsafe prompt"),
		"queued":    fakerelay.Fails(time.Hour, ""),
		"working":   {Steps: []fakerelay.Step{{Status: gen.VideoTaskStatusInProgress, Progress: 5}}},
	}
	for id, script := range scripts {
		t.Run(id, func(t *testing.T) {
			relay := fakerelay.New(key)
			defer relay.Close()
			relay.Add(id, script)
			resp, body := ask(t, relay, "/v1/video/generations/"+id, key)
			require.Equal(t, http.StatusOK, resp.StatusCode)

			route, params, err := router.FindRoute(resp.Request)
			require.NoError(t, err)
			validate := func(body []byte) error {
				return openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
					RequestValidationInput: &openapi3filter.RequestValidationInput{Request: resp.Request, PathParams: params, Route: route},
					Status:                 resp.StatusCode,
					Header:                 resp.Header,
					Body:                   io.NopCloser(bytes.NewReader(body)),
					Options:                &openapi3filter.Options{IncludeResponseStatus: true},
				})
			}
			require.NoError(t, validate(body))
			require.Error(t, validate([]byte(`{"status":"done"}`)), "the validation validates")
		})
	}
}

func TestDialectsSayTheSameInTheirOwnWords(t *testing.T) {
	tests := []struct {
		dialect fakerelay.Dialect
		script  fakerelay.Script
		says    []string
		not     []string
	}{
		{fakerelay.Stored, fakerelay.Completes(0, "http://cdn/v"), []string{`"SUCCESS"`, `"result_url":"http://cdn/v"`, `"progress":"100%"`}, nil},
		{fakerelay.Stored, fakerelay.Fails(0, "why"), []string{`"FAILURE"`, `"result_url":"why"`, `"fail_reason":"why"`}, nil},
		{fakerelay.StoredLegacy, fakerelay.Completes(0, "http://cdn/v"), []string{`"SUCCESS"`, `"fail_reason":"http://cdn/v"`}, []string{"result_url"}},
		{fakerelay.Realtime, fakerelay.Completes(0, "http://cdn/v"), []string{`"succeeded"`, `"url":"http://cdn/v"`, `"metadata":null`}, nil},
		{fakerelay.Realtime, fakerelay.Fails(0, "why"), []string{`"failed"`, `"error":null`}, []string{"why"}},
	}
	for _, test := range tests {
		t.Run(string(test.dialect), func(t *testing.T) {
			relay := fakerelay.New(key)
			defer relay.Close()
			test.script.Dialects = []fakerelay.Dialect{test.dialect}
			relay.Add("task", test.script)
			_, body := ask(t, relay, "/v1/video/generations/task", key)
			for _, part := range test.says {
				require.Contains(t, string(body), part)
			}
			for _, part := range test.not {
				require.NotContains(t, string(body), part)
			}
		})
	}
}

func TestDialectsFlip(t *testing.T) {
	relay := fakerelay.New(key)
	defer relay.Close()
	relay.Add("task", fakerelay.Completes(0, "http://cdn/v", fakerelay.Stored, fakerelay.Realtime))
	for _, word := range []string{"SUCCESS", "succeeded", "SUCCESS"} {
		_, body := ask(t, relay, "/v1/video/generations/task", key)
		require.Contains(t, string(body), word)
	}
}

func TestTheRelayRefusesLikeARealOne(t *testing.T) {
	tests := []struct {
		name, path, key string
		status          int
		says            string
	}{
		{"wrong key", "/v1/video/generations/task", "sk-wrong", 401, "Invalid token (request id: "},
		{"unknown id", "/v1/video/generations/nope", key, 400, `"code":"task_not_exist"`},
		{"no such route", "/v1/nope", key, 404, "Invalid URL (GET /v1/nope)"},
		{"outside /v1", "/video/generations/task", key, 200, "<html>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := fakerelay.New(key)
			defer relay.Close()
			resp, body := ask(t, relay, test.path, test.key)
			require.Equal(t, test.status, resp.StatusCode)
			require.Contains(t, string(body), test.says)
			require.NotEmpty(t, resp.Header.Get("X-Oneapi-Request-Id"))
		})
	}
}

func TestAWaitingScriptStartsWhenItIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := fakerelay.New(key)
		defer relay.Close()
		relay.AddWaiting("task", fakerelay.Completes(10*time.Second, "http://cdn/v"))
		time.Sleep(time.Hour)
		_, body := ask(t, relay, "/v1/video/generations/task", key)
		require.Contains(t, string(body), "queued")
		time.Sleep(10 * time.Second)
		_, body = ask(t, relay, "/v1/video/generations/task", key)
		require.Contains(t, string(body), "completed")
	})
}
