package xiexus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// repeater sends each request twice, as transports do that retry by themselves. The
// second attempt finds no connection.
type repeater struct {
	network    *http.Transport
	hasGetBody bool
}

func (r *repeater) RoundTrip(req *http.Request) (*http.Response, error) {
	r.hasGetBody = req.GetBody != nil
	if req.Method != http.MethodPost {
		return r.network.RoundTrip(req)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	_ = req.Body.Close()
	for _, dial := range []func(context.Context, string, string) (net.Conn, error){r.network.DialContext, refuse} {
		r.network.DialContext = dial
		attempt := req.Clone(req.Context())
		attempt.Body = io.NopCloser(bytes.NewReader(body))
		var resp *http.Response
		if resp, err = r.network.RoundTrip(attempt); err == nil {
			return resp, nil
		}
	}
	return nil, err
}

func TestCreate_OpaqueTransportThatRepeats(t *testing.T) {
	for _, idle := range []bool{false, true} {
		for _, retries := range []int{0, 2} {
			t.Run(fmt.Sprintf("idle connection: %v, retries: %d", idle, retries), func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", endless)
				relay.FailCreates(xiexustest.Fault{Reset: true})
				network := &repeater{network: relay.HTTPClient().Transport.(*http.Transport).Clone()}
				defer network.network.CloseIdleConnections()
				client := newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: network}), xiexus.WithMaxRetries(retries))
				if idle {
					_, err := client.Get(t.Context(), "task")
					require.NoError(t, err)
				}
				_, err := client.Create(t.Context(), pianoCat)
				require.ErrorContains(t, err, "connection refused")
				require.NotContains(t, err.Error(), "not sent")
				requireUncertain(t, true, err)
				require.Len(t, relay.Created(), 1)
				require.False(t, network.hasGetBody, "most transports repeat only what they can read again")
			})
		}
	}
}

// sender sends requests without reporting it, and loses each response. It is an opaque
// transport, or it is registered with an http.Transport, which looks plain.
type sender struct{ received [][]byte }

func (s *sender) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	s.received = append(s.received, body)
	return nil, errors.New("response lost")
}

// afterwards is a transport that first sends a request by other means, as middleware may,
// and then over a network that cannot be reached.
type afterwards struct {
	first   sender
	network http.Transport
}

func (a *afterwards) RoundTrip(req *http.Request) (*http.Response, error) {
	_, _ = a.first.RoundTrip(req)
	return a.network.RoundTrip(req)
}

func TestCreate_TransportThatReportsNothing(t *testing.T) {
	registered, opaque := &sender{}, &sender{}
	plain := &http.Transport{}
	plain.RegisterProtocol("https", registered)
	negotiated := &afterwards{network: http.Transport{DialContext: refuse}}
	for name, test := range map[string]struct {
		transport http.RoundTripper
		sender    *sender
	}{
		"registered with an http.Transport": {plain, registered},
		"opaque":                            {opaque, opaque},
		"opaque, then no connection":        {negotiated, &negotiated.first},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL("https://relay.example.com"),
				xiexus.WithHTTPClient(&http.Client{Transport: test.transport}))
			require.NoError(t, err)
			_, err = client.Create(t.Context(), pianoCat)
			requireUncertain(t, true, err)
			require.Len(t, test.sender.received, 1)
		})
	}
}
