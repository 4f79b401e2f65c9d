package xiexus_test

import (
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "sk-T3stK3yThatMustNotBeSeen"

// newRelay returns a fake relay, closed when the test ends.
func newRelay(t testing.TB) *xiexustest.Relay {
	t.Helper()
	return xiexustest.NewRelay(t, xiexustest.WithAPIKey(testKey))
}

// newClient returns a client of the relay, over memory.
func newClient(t testing.TB, relay *xiexustest.Relay, opts ...xiexus.Option) *xiexus.Client {
	t.Helper()
	client, err := xiexus.New(append(relay.Options(), opts...)...)
	require.NoError(t, err)
	return client
}

// clientOf returns a client of a handler that need not behave like a relay. By default
// it does not retry.
func clientOf(t testing.TB, handler http.HandlerFunc, opts ...xiexus.Option) *xiexus.Client {
	t.Helper()
	client, err := xiexus.New(append([]xiexus.Option{
		xiexus.WithAPIKey(testKey),
		xiexus.WithBaseURL("http://relay.localhost"),
		xiexus.WithHTTPClient(&http.Client{Transport: handlerTransport(handler)}),
		xiexus.WithMaxRetries(0),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

// writeTask responds with the task that a request reads.
func writeTask(w http.ResponseWriter, req *http.Request, status string) {
	_, _ = fmt.Fprintf(w, `{"task_id":%q,"status":%q}`, path.Base(req.URL.Path), status)
}

// handlerTransport responds with a handler, without a connection.
type handlerTransport http.HandlerFunc

func (h handlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	h(recorder, req)
	resp := recorder.Result()
	resp.Request = req
	return resp, nil
}

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// viaAPI reads "task" with the generated client's transport. It does not call the
// generated method, whose signature changes with the document's parameters.
func viaAPI(t testing.TB, client *xiexus.Client) *http.Response {
	t.Helper()
	api := client.API()
	req, err := api.RequestGetVideoGeneration(t.Context(), "task")
	require.NoError(t, err)
	resp, err := api.Client.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// loggerTo returns a logger that writes records of all levels as text.
func loggerTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

const video = "https://cdn.example.com/v.mp4"

// endless is a task that stays in progress.
var endless = xiexustest.Script{Steps: []xiexustest.Step{{Status: xiexus.StatusInProgress, Progress: 50}}}

// storedTask is a task that takes a minute and a half on a relay with a ticker.
func storedTask(ticker xiexustest.Ticker, dialects ...xiexustest.Dialect) xiexustest.Script {
	script := xiexustest.Completes(90*time.Second, video, dialects...)
	script.Ticker = ticker
	return script
}

// polledAt returns when the relay received its requests, counted from the first.
func polledAt(relay *xiexustest.Relay) []time.Duration {
	var at []time.Duration
	requests := relay.Requests()
	for _, request := range requests {
		at = append(at, request.At.Sub(requests[0].At))
	}
	return at
}

// pollsOf waits for a task that completes, and returns when it was polled.
func pollsOf(t *testing.T, script xiexustest.Script, opts ...xiexus.WaitOption) []time.Duration {
	t.Helper()
	relay := newRelay(t)
	relay.Add("task", script)
	task, err := newClient(t, relay).Wait(t.Context(), "task", opts...)
	require.NoError(t, err)
	require.Equal(t, video, task.URL)
	return polledAt(relay)
}

// requireBackoff checks that delays begin with 2 s and grow by half to 15 s, with
// 10 % of jitter.
func requireBackoff(t *testing.T, polls []time.Duration) {
	t.Helper()
	want := 2 * time.Second
	for i := 1; i < len(polls); i++ {
		require.InEpsilon(t, want, polls[i]-polls[i-1], 0.1001, "delay %d", i)
		want = min(want*3/2, 15*time.Second)
	}
}

// numbered yields n ids.
func numbered(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(fmt.Sprint("task_", i)) {
				return
			}
		}
	}
}

// collect returns all outcomes by task id, and checks that each is yielded once.
func collect(t *testing.T, outcomes iter.Seq[xiexus.Outcome]) map[string]xiexus.Outcome {
	t.Helper()
	all := map[string]xiexus.Outcome{}
	for outcome := range outcomes {
		require.NotContains(t, all, outcome.TaskID)
		all[outcome.TaskID] = outcome
	}
	return all
}
