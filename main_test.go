package xiexus_test

import (
	"net/http"
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
	return xiexustest.NewRelay(t, xiexustest.WithAPIKey(testKey))
}

// newClient returns a client of the relay, over memory.
func newClient(t testing.TB, relay *xiexustest.Relay, opts ...xiexus.Option) *xiexus.Client {
	client, err := xiexus.New(append([]xiexus.Option{
		xiexus.WithAPIKey(testKey),
		xiexus.WithBaseURL("http://relay.localhost"),
		xiexus.WithHTTPClient(relay.HTTPClient()),
		xiexus.WithDownloadTransport(relay.HTTPClient().Transport),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

// clientOf returns a client of a handler that need not behave like a relay.
func clientOf(t testing.TB, answer http.HandlerFunc, opts ...xiexus.Option) *xiexus.Client {
	client, err := xiexus.New(append([]xiexus.Option{
		xiexus.WithAPIKey(testKey),
		xiexus.WithBaseURL("http://relay.localhost"),
		xiexus.WithHTTPClient(&http.Client{Transport: handlerTransport(answer)}),
		xiexus.WithMaxRetries(0),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

// viaAPI reads a task with the generated client's transport. It does not call
// the generated method, whose signature changes with the document's parameters.
func viaAPI(t testing.TB, client *xiexus.Client, id string) *http.Response {
	api := client.API()
	req, err := api.RequestGetVideoGeneration(t.Context(), id)
	require.NoError(t, err)
	resp, err := api.Client.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}
