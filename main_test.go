package xiexus_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

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
