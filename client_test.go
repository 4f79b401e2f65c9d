package xiexus_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestClient_API(t *testing.T) {
	relay := newRelay(t)
	relay.Add("task", xiexustest.Completes(0, video))
	client := newClient(t, relay)
	resp := viaAPI(t, client)
	require.Equal(t, http.StatusOK, resp.StatusCode)

	client.API().Server = "https://elsewhere.example.com/"
	require.Equal(t, "http://relay.localhost/", client.API().Server, "each call returns a new one")
}

func TestClient_BaseURLWithAPath(t *testing.T) {
	for base, path := range map[string]string{
		"http://relay.localhost":           "/v1/video/generations/task",
		"http://relay.localhost/v1/":       "/v1/video/generations/task",
		"http://relay.localhost/api/v1":    "/api/v1/video/generations/task",
		"http://relay.localhost/a%2Fb/v1/": "/a%2Fb/v1/video/generations/task",
	} {
		t.Run(base, func(t *testing.T) {
			relay := newRelay(t)
			_, err := newClient(t, relay, xiexus.WithBaseURL(base), xiexus.WithMaxRetries(0)).Get(t.Context(), "task")
			require.Error(t, err)
			require.Equal(t, path, relay.Requests()[0].Path)
		})
	}
}

func TestClient_RequestHeaders(t *testing.T) {
	tests := []struct {
		name string
		opts []xiexus.Option
		want string
	}{
		{"by default", nil, "xiexus-go/" + xiexus.Version},
		{"set", []xiexus.Option{xiexus.WithUserAgent("studio/2 (nightly)")}, "studio/2 (nightly)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := newRelay(t)
			relay.Add("task", xiexustest.Completes(0, ""))
			client := newClient(t, relay, test.opts...)
			task, err := client.Get(t.Context(), "task")
			require.NoError(t, err)
			_, err = client.Create(t.Context(), pianoCat)
			require.NoError(t, err)
			viaAPI(t, client)
			_, err = client.Download(t.Context(), task, io.Discard) // from the relay
			require.NoError(t, err)

			requests := relay.Requests()
			require.Len(t, requests, 4)
			for _, request := range requests {
				require.Equal(t, []string{test.want}, request.Header["User-Agent"], request.Path)
			}
			for _, request := range requests[:3] {
				require.Equal(t, []string{"application/json"}, request.Header["Accept"], request.Path)
			}
		})
	}
}

func TestClient_MaxResponseSize(t *testing.T) {
	large := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"task_id":"task","status":"queued","x":"`+strings.Repeat("x", 3<<20)+`"}`)
	}
	_, err := clientOf(t, large).Get(t.Context(), "task")
	require.NoError(t, err, "relays include up to 3 MB from their upstream")
	_, err = clientOf(t, large, xiexus.WithMaxResponseSize(3<<20)).Get(t.Context(), "task")
	require.ErrorIs(t, err, xiexus.ErrResponseTooLarge)
	require.ErrorContains(t, err, "WithMaxResponseSize")
}

func TestClient_RateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(0, ""))
		client := newClient(t, relay, xiexus.WithRateLimit(2, 1))
		start := time.Now()
		for range 4 {
			_, err := client.Get(t.Context(), "task")
			require.NoError(t, err)
		}
		_, err := client.Create(t.Context(), pianoCat)
		require.NoError(t, err)
		require.Equal(t, 2*time.Second, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err = client.Get(ctx, "task")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 2001*time.Millisecond, time.Since(start))
		require.Len(t, relay.Requests(), 5)
	})
}

func TestClient_KeyFunction(t *testing.T) {
	relay := newRelay(t)
	relay.Add("task", xiexustest.Completes(0, ""))
	t.Run("is called for each request", func(t *testing.T) {
		keys := []string{"Bearer " + testKey + "\n", testKey, "sk-revoked-revoked"}
		calls := 0
		client := newClient(t, relay, xiexus.WithAPIKeyFunc(func(context.Context) (string, error) {
			calls++
			return keys[calls-1], nil
		}))
		for range 2 {
			_, err := client.Get(t.Context(), "task")
			require.NoError(t, err)
		}
		_, err := client.Get(t.Context(), "task")
		require.ErrorIs(t, err, xiexus.ErrUnauthorized)
		require.Equal(t, 3, calls)
	})
	t.Run("fails", func(t *testing.T) {
		sealed := errors.New("the vault is sealed")
		client := newClient(t, relay, xiexus.WithAPIKeyFunc(func(context.Context) (string, error) { return "", sealed }))
		before := len(relay.Requests())
		_, err := client.Get(t.Context(), "task")
		require.ErrorIs(t, err, sealed)
		_, err = client.Wait(t.Context(), "task")
		require.ErrorIs(t, err, sealed)
		_, err = client.Create(t.Context(), pianoCat)
		require.ErrorIs(t, err, sealed)
		requireUncertain(t, false, err)
		require.Len(t, relay.Requests(), before, "nothing is sent without a key")
	})
}
