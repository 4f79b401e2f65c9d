package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// newClient returns a client of a relay, with more options.
func newClient(t *testing.T, relay *xiexustest.Relay, opts ...xiexus.Option) *xiexus.Client {
	t.Helper()
	client, err := xiexus.New(append(relay.Options(), opts...)...)
	check(t, err == nil, err)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// check fails a test, with what was found, unless ok.
func check(t *testing.T, ok bool, found ...any) {
	t.Helper()
	if !ok {
		t.Fatal(found...)
	}
}

func TestNew(t *testing.T) {
	t.Setenv(xiexus.EnvAPIKey, "sk-of-the-environment")
	t.Setenv(xiexus.EnvBaseURL, "")
	client, err := xiexus.New()
	check(t, err == nil && client.String() == "xiexus.Client("+xiexus.DefaultBaseURL+")", client, err)

	_, err = xiexus.New(
		xiexus.WithAPIKeyFunc(func(context.Context) (string, error) { return "sk-of-a-vault", nil }),
		xiexus.WithBaseURL("http://relay.example.com"),
		xiexus.WithInsecureHTTP(),
		xiexus.WithHTTPClient(xiexustest.NewRelay(t).HTTPClient()),
		xiexus.WithDownloadTransport(http.DefaultTransport),
		xiexus.WithPrivateAddresses(),
		xiexus.WithLogger(slog.New(slog.DiscardHandler)),
		xiexus.WithUserAgent("studio/1 xiexus-go/"+xiexus.Version),
		xiexus.WithAcceptLanguage("en"),
		xiexus.WithMaxRetries(1),
		xiexus.WithRequestTimeout(time.Minute),
		xiexus.WithMaxResponseSize(1<<20),
		xiexus.WithRateLimit(10, 2),
	)
	check(t, err == nil, err)
	_, err = xiexus.New(xiexus.WithAPIKey("key"), xiexus.WithMaxRetries(-1))
	check(t, err != nil)
}

func TestCreate(t *testing.T) {
	relay := xiexustest.NewRelay(t, xiexustest.WithAPIKey("sk-test"))
	check(t, relay.APIKey() == "sk-test" && relay.BaseURL() != "", relay.APIKey())
	relay.SetModels("kling-v1")
	relay.CreateWithoutStatus()
	relay.OnCreate(func(request xiexus.CreateRequest) xiexustest.Script {
		return xiexustest.Fails(0, "no "+request.Prompt)
	})
	client := newClient(t, relay)
	models, err := client.Models(t.Context())
	check(t, err == nil && len(models) == 1, models, err)

	request := xiexus.CreateRequest{Model: models[0], Prompt: "cats", Extra: map[string]any{"seed": 0}}
	task, err := client.Create(t.Context(), request)
	check(t, err == nil && task.Status == xiexus.StatusQueued, task, err)
	read, err := client.Get(t.Context(), task.TaskID)
	check(t, err == nil && read.Status == xiexus.StatusFailed, read, err)
	var failed *xiexus.TaskFailedError
	check(t, errors.As(read.Err(), &failed) && failed.Message == "no cats" && failed.Task == read && failed.Code != "", read.Err())

	relay.FailCreates(xiexustest.Fault{Reset: true})
	_, err = client.Create(t.Context(), request)
	var uncertain *xiexus.CreateUncertainError
	check(t, errors.As(err, &uncertain) && uncertain.RequestID == "", err)
	check(t, len(relay.Created()) == 2, relay.Created())
	_, err = client.Create(t.Context(), xiexus.CreateRequest{})
	check(t, errors.Is(err, xiexus.ErrInvalidRequest), err)
}

func TestAPI(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	check(t, relay.APIKey() == xiexustest.DefaultAPIKey, relay.APIKey())
	relay.Add("task", xiexustest.Completes(0, "https://cdn.example.com/a.mp4"))
	api := newClient(t, relay).API()
	resp, err := api.FetchTasks(t.Context(), gen.FetchTasksRequest{IDs: []string{"task"}})
	check(t, err == nil, err)
	defer func() { _ = resp.Body.Close() }()
	request := relay.Requests()[0]
	check(t, resp.StatusCode == 200 && request.Method == "POST" && request.TaskIDs[0] == "task", request)
	check(t, request.Header.Get("Authorization") != "" && request.Path == "/suno/fetch" && !request.At.IsZero(), request)
	relay.DiscardRequests()
}

func TestAPIError(t *testing.T) {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task", xiexustest.Completes(0, ""))
	client := newClient(t, relay, xiexus.WithMaxRetries(0), xiexus.WithMaxResponseSize(1000))
	for _, test := range []struct {
		fault xiexustest.Fault
		want  error
	}{
		{xiexustest.Fault{Status: 401}, xiexus.ErrUnauthorized},
		{xiexustest.Fault{Status: 403, Delay: time.Nanosecond}, xiexus.ErrForbidden},
		{xiexustest.Fault{Status: 403, Body: `{"error":{"code":"insufficient_user_quota"}}`}, xiexus.ErrQuotaExceeded},
		{xiexustest.Fault{Status: 503, Body: `{"error":{"code":"model_not_found"}}`}, xiexus.ErrModelUnavailable},
		{xiexustest.Fault{Status: 429, RetryAfter: "7"}, xiexus.ErrRateLimited},
		{xiexustest.Fault{Cut: true, Pause: time.Nanosecond}, xiexus.ErrUnavailable},
		{xiexustest.Fault{Status: 502, Empty: true}, xiexus.ErrUnavailable},
		{xiexustest.Fault{HTML: true}, xiexus.ErrUnexpectedResponse},
	} {
		relay.Fail("task", test.fault)
		_, err := client.Get(t.Context(), "task")
		var apiErr *xiexus.APIError
		check(t, errors.Is(err, test.want) && errors.As(err, &apiErr), err)
		check(t, apiErr.Method == "GET" && apiErr.URL != "" && apiErr.RequestID != "", apiErr)
		check(t, apiErr.StatusCode != 429 || apiErr.RetryAfter == 7*time.Second, apiErr.RetryAfter)
	}
	relay.Fail("task", xiexustest.Fault{Status: 400, Body: `{"error":{"message":"m","type":"t","param":"p","code":"c"}}`})
	_, err := client.Get(t.Context(), "task")
	var apiErr *xiexus.APIError
	check(t, errors.As(err, &apiErr) && apiErr.Code+apiErr.Type+apiErr.Param+apiErr.Message == "ctpm", err)
	check(t, len(apiErr.Body) > 0 && apiErr.TaskID == "", apiErr)

	relay.Add("large", xiexustest.Script{Dialects: []xiexustest.Dialect{xiexustest.Stored}, DataSize: 2000})
	_, err = client.Get(t.Context(), "large")
	check(t, errors.Is(err, xiexus.ErrResponseTooLarge), err)
	_, err = client.Get(t.Context(), "a/b")
	check(t, errors.Is(err, xiexus.ErrInvalidTaskID), err)
	_, err = client.Get(t.Context(), "none")
	check(t, errors.Is(err, xiexus.ErrTaskNotFound) && exitCode(err) == 4, err)
}
