package xiexus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestHowOftenASubmitIsSent(t *testing.T) {
	busy := xiexustest.Fault{Status: http.StatusTooManyRequests}
	tests := []struct {
		name      string
		faults    []xiexustest.Fault
		sent      int
		taken     int
		uncertain bool
		want      error // nil is success
	}{
		{"it works", nil, 1, 1, false, nil},
		{"429, then 200", []xiexustest.Fault{busy}, 2, 1, false, nil},
		{"always 429", slices.Repeat([]xiexustest.Fault{busy}, 9), 3, 0, false, xiexus.ErrRateLimited},
		{"429 for a time", []xiexustest.Fault{{Status: 429, RetryAfter: "20"}}, 2, 1, false, nil},
		{"reset", []xiexustest.Fault{{Reset: true}}, 1, 1, true, xiexus.ErrUnavailable},
		{"cut off", []xiexustest.Fault{{Cut: true}}, 1, 1, true, xiexus.ErrUnavailable},
		{"empty", []xiexustest.Fault{{Empty: true}}, 1, 1, true, xiexus.ErrUnavailable},
		{"too slow", []xiexustest.Fault{{Delay: time.Hour}}, 1, 1, true, xiexus.ErrUnavailable},
		{"a gateway's 502", []xiexustest.Fault{{Status: 502, HTML: true}}, 1, 1, true, xiexus.ErrUnavailable},
		{"a gateway's 504 without a word", []xiexustest.Fault{{Status: 504, Empty: true}}, 1, 1, true, xiexus.ErrUnavailable},
		{"the relay's own 500", []xiexustest.Fault{{Status: 500}}, 1, 0, false, xiexus.ErrUnavailable},
		{"the relay's own 400", []xiexustest.Fault{{Status: 400}}, 1, 0, false, errAny},
		{"a front page", []xiexustest.Fault{{HTML: true}}, 1, 1, false, xiexus.ErrUnexpectedResponse},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.FailCreates(test.faults...)
				task, err := newClient(t, relay).Create(t.Context(), cat)
				require.Len(t, relay.Requests(), test.sent)
				require.Len(t, relay.Created(), test.taken)
				if test.want == nil {
					require.NoError(t, err)
					require.Equal(t, relay.Created()[0], task.TaskID)
					return
				}
				require.Nil(t, task)
				require.Error(t, err)
				if test.want != errAny {
					require.ErrorIs(t, err, test.want)
				}
				var uncertain *xiexus.CreateUncertainError
				require.Equal(t, test.uncertain, errors.As(err, &uncertain), "%v", err)
				if test.uncertain {
					require.Contains(t, err.Error(), "may exist and be charged")
				}
			})
		})
	}
}

func TestRetryAfterOfASubmit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.FailCreates(xiexustest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "20"})
		_, err := newClient(t, relay).Create(t.Context(), cat)
		require.NoError(t, err)
		require.Equal(t, []time.Duration{0, 20 * time.Second}, polledAt(relay))

		relay.FailCreates(xiexustest.Fault{Status: http.StatusTooManyRequests})
		_, err = newClient(t, relay, xiexus.WithMaxRetries(0)).Create(t.Context(), cat)
		require.ErrorIs(t, err, xiexus.ErrRateLimited)
	})
}

func TestAnInterruptedSubmitIsUncertain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, interrupt := range map[string]func(context.Context) (context.Context, context.CancelFunc){
			"cancelled": func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(time.Second, cancel)
				return ctx, cancel
			},
			"too late": func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			},
		} {
			relay := newRelay(t)
			relay.FailCreates(xiexustest.Fault{Delay: time.Minute})
			ctx, cancel := interrupt(t.Context())
			_, err := newClient(t, relay).Create(ctx, cat)
			var uncertain *xiexus.CreateUncertainError
			require.ErrorAs(t, err, &uncertain, name)
			require.ErrorIs(t, err, ctx.Err())
			require.Len(t, relay.Requests(), 1)
			cancel()
		}
	})
}

func TestASubmitThatEndsBeforeItBeginsIsNotUncertain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	unused := roundTrip(func(*http.Request) (*http.Response, error) { panic("nothing is to be sent") })
	for name, opts := range map[string][]xiexus.Option{
		"cancelled":                         nil,
		"cancelled, a transport of its own": {xiexus.WithHTTPClient(&http.Client{Transport: unused})},
		"no time":                           {xiexus.WithRequestTimeout(1), xiexus.WithMaxRetries(0)},
	} {
		t.Run(name, func(t *testing.T) {
			relay := newRelay(t)
			use := t.Context()
			if name != "no time" {
				use = ctx
			}
			_, err := newClient(t, relay, opts...).Create(use, cat)
			require.Error(t, err)
			var uncertain *xiexus.CreateUncertainError
			require.NotErrorAs(t, err, &uncertain)
			require.Empty(t, relay.Requests())
		})
	}
}

// A caller's transport that tries again by itself, and cannot the second time.
func TestATransportThatTriesAgainHidesNoSubmit(t *testing.T) {
	relay := newRelay(t)
	relay.FailCreates(xiexustest.Fault{Reset: true})
	network := relay.HTTPClient().Transport.(*http.Transport).Clone()
	defer network.CloseIdleConnections()
	again := roundTrip(func(req *http.Request) (*http.Response, error) {
		body := req.Body
		if _, err := network.RoundTrip(req); err == nil {
			return nil, errors.New("the first try is to fail")
		}
		_ = body.Close()
		network.DialContext = func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
		}
		second := req.Clone(req.Context())
		second.Body, _ = req.GetBody()
		return network.RoundTrip(second)
	})
	_, err := newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: again})).Create(t.Context(), cat)
	var uncertain *xiexus.CreateUncertainError
	require.ErrorAs(t, err, &uncertain)
	require.Len(t, relay.Created(), 1)
}

func TestASubmitThatCouldNotLeaveIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		network := relay.HTTPClient().Transport.(*http.Transport).Clone()
		dial, dials := network.DialContext, 0
		network.DialContext = func(ctx context.Context, kind, address string) (net.Conn, error) {
			if dials++; dials < 3 {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
			}
			return dial(ctx, kind, address)
		}
		defer network.CloseIdleConnections()
		client := newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: network}))
		_, err := client.Create(t.Context(), cat)
		require.NoError(t, err)
		require.Len(t, relay.Created(), 1)
		require.Equal(t, 3, dials)

		dials = -100
		_, err = newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: network})).Create(t.Context(), cat)
		require.NoError(t, err, "a connection was open")
		network.CloseIdleConnections()
		_, err = client.Create(t.Context(), cat)
		require.ErrorIs(t, err, xiexus.ErrUnavailable)
		var uncertain *xiexus.CreateUncertainError
		require.NotErrorAs(t, err, &uncertain, "nothing was sent")
	})
}

// A server that closes each connection after the first answer, as idle ones are:
// net/http asks again by itself only where it has sent nothing.
func TestASubmitOverAConnectionThatWasClosed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var received atomic.Int32
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if received.Add(1)%2 == 0 { // the second over each connection
			_, _ = io.Copy(io.Discard, req.Body)
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, `{"task_id":"task_1","status":"queued"}`)
	})}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(listener.Addr().String()))
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	_, err = client.Create(t.Context(), cat)
	require.NoError(t, err)
	_, err = client.Create(t.Context(), cat)
	var uncertain *xiexus.CreateUncertainError
	require.ErrorAs(t, err, &uncertain)
	require.EqualValues(t, 2, received.Load(), "each was sent once")
}

func TestSubmitsFollowNoRedirect(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		sent := 0
		client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
			sent++
			http.Redirect(w, req, "/v1/video/generations/", status)
		}, xiexus.WithMaxRetries(2))
		_, err := client.Create(t.Context(), cat)
		require.ErrorIs(t, err, xiexus.ErrUnexpectedResponse)
		require.Equal(t, 1, sent)
	}
}

func TestSubmitsOverHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		require.Equal(t, 2, req.ProtoMajor)
		var body map[string]any
		require.NoError(t, json.NewDecoder(req.Body).Decode(&body))
		_, _ = fmt.Fprintf(w, `{"task_id":"task_of_%s"}`, body["model"])
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(server.URL), xiexus.WithHTTPClient(server.Client()))
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	task, err := client.Create(t.Context(), cat)
	require.NoError(t, err)
	require.Equal(t, "task_of_model-1", task.TaskID)
}
