package xiexus_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// overload is the rejection of a relay whose host has too little left of a resource.
func overload(resource string, status int) xiexustest.Fault {
	return xiexustest.Fault{Status: status, Body: fmt.Sprintf(
		`{"error":{"message":"system %s overloaded","type":"new_api_error","param":"","code":"system_%s_overloaded"}}`, resource, resource)}
}

func TestCreate_IsSentAgainOnlyIfRejected(t *testing.T) {
	busy := xiexustest.Fault{Status: http.StatusTooManyRequests}
	tests := []struct {
		name      string
		faults    []xiexustest.Fault
		requests  int
		created   int
		succeeds  bool
		uncertain bool
		is        error // nil if it is an error of no kind
	}{
		{"accepted", nil, 1, 1, true, false, nil},
		{"429 once", []xiexustest.Fault{busy}, 2, 1, true, false, nil},
		{"429 with Retry-After", []xiexustest.Fault{{Status: 429, RetryAfter: "20"}}, 2, 1, true, false, nil},
		{"429 always", slices.Repeat([]xiexustest.Fault{busy}, 9), 3, 0, false, false, xiexus.ErrRateLimited},
		{"overloaded", []xiexustest.Fault{overload("cpu", 503), overload("memory", 503)}, 3, 1, true, false, nil},
		{"overloaded always", slices.Repeat([]xiexustest.Fault{overload("disk", 503)}, 9), 3, 0, false, false, xiexus.ErrUnavailable},
		{"overloaded, by another status", []xiexustest.Fault{overload("cpu", 500)}, 1, 0, false, false, xiexus.ErrUnavailable},
		{"no channel", []xiexustest.Fault{{Status: 503, Body: `{"error":{"code":"model_not_found","type":"new_api_error"}}`}}, 1, 0, false, false, xiexus.ErrModelUnavailable},
		{"reset", []xiexustest.Fault{{Reset: true}}, 1, 1, false, true, xiexus.ErrUnavailable},
		{"truncated", []xiexustest.Fault{{Cut: true}}, 1, 1, false, true, xiexus.ErrUnavailable},
		{"empty", []xiexustest.Fault{{Empty: true}}, 1, 1, false, true, xiexus.ErrUnavailable},
		{"timeout", []xiexustest.Fault{{Delay: time.Hour}}, 1, 1, false, true, xiexus.ErrUnavailable},
		{"502 of a gateway", []xiexustest.Fault{{Status: 502, HTML: true}}, 1, 1, false, true, xiexus.ErrUnavailable},
		{"empty 504 of a gateway", []xiexustest.Fault{{Status: 504, Empty: true}}, 1, 1, false, true, xiexus.ErrUnavailable},
		{"500 of the relay", []xiexustest.Fault{{Status: 500}}, 1, 0, false, false, xiexus.ErrUnavailable},
		{"400 of the relay", []xiexustest.Fault{{Status: 400}}, 1, 0, false, false, nil},
		{"web page", []xiexustest.Fault{{HTML: true}}, 1, 1, false, false, xiexus.ErrUnexpectedResponse},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.FailCreates(test.faults...)
				task, err := newClient(t, relay).Create(t.Context(), pianoCat)
				require.Len(t, relay.Requests(), test.requests)
				require.Len(t, relay.Created(), test.created)
				if test.succeeds {
					require.NoError(t, err)
					require.Equal(t, relay.Created()[0], task.TaskID)
					return
				}
				require.Nil(t, task)
				require.ErrorContains(t, err, `create task with model "model-1": `)
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
				requireUncertain(t, test.uncertain, err)
			})
		})
	}
}

func TestCreate_RetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.FailCreates(xiexustest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "20"})
		_, err := newClient(t, relay).Create(t.Context(), pianoCat)
		require.NoError(t, err)
		require.Equal(t, []time.Duration{0, 20 * time.Second}, polledAt(relay))
	})
}

func TestCreate_WithoutRetries(t *testing.T) {
	relay := newRelay(t)
	relay.FailCreates(xiexustest.Fault{Status: http.StatusTooManyRequests})
	_, err := newClient(t, relay, xiexus.WithMaxRetries(0)).Create(t.Context(), pianoCat)
	require.ErrorIs(t, err, xiexus.ErrRateLimited)
	require.Len(t, relay.Requests(), 1)
}

func TestCreate_EndedBeforeItWasSent(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	unused := roundTrip(func(*http.Request) (*http.Response, error) { panic("nothing is sent") })
	tests := []struct {
		name string
		ctx  context.Context
		opts []xiexus.Option
	}{
		{"cancelled", cancelled, nil},
		{"cancelled, opaque transport", cancelled, []xiexus.Option{xiexus.WithHTTPClient(&http.Client{Transport: unused})}},
		{"no time", t.Context(), []xiexus.Option{xiexus.WithRequestTimeout(1), xiexus.WithMaxRetries(0)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := newRelay(t)
			_, err := newClient(t, relay, test.opts...).Create(test.ctx, pianoCat)
			require.Error(t, err)
			requireUncertain(t, false, err)
			require.Empty(t, relay.Requests())
		})
	}
}

func refuse(context.Context, string, string) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
}

func TestCreate_RetriesIfNothingWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		network := relay.HTTPClient().Transport.(*http.Transport).Clone()
		dial, dials := network.DialContext, 0
		network.DialContext = func(ctx context.Context, kind, address string) (net.Conn, error) {
			if dials++; dials < 3 {
				return refuse(ctx, kind, address)
			}
			return dial(ctx, kind, address)
		}
		defer network.CloseIdleConnections()
		client := newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: network}))
		_, err := client.Create(t.Context(), pianoCat)
		require.NoError(t, err)
		require.Len(t, relay.Created(), 1)
		require.Equal(t, 3, dials)

		dials = -100
		_, err = client.Create(t.Context(), pianoCat)
		require.NoError(t, err)
		require.Equal(t, -100, dials, "the connection is still open")

		client.CloseIdleConnections()
		_, err = client.Create(t.Context(), pianoCat)
		require.ErrorIs(t, err, xiexus.ErrUnavailable)
		require.ErrorContains(t, err, "request not sent: ")
		requireUncertain(t, false, err)
		require.Equal(t, -97, dials, "it is retried twice")
	})
}
