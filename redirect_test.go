package xiexus_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestClient_ReturnsRedirectsToOtherOrigins(t *testing.T) {
	client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "https://other.example.com", http.StatusTemporaryRedirect)
	})
	_, err := client.Get(t.Context(), "task")
	require.ErrorIs(t, err, xiexus.ErrUnexpectedResponse)
	require.ErrorContains(t, err, "redirect")
	require.Equal(t, http.StatusTemporaryRedirect, viaAPI(t, client).StatusCode)
}

func TestClient_FollowsRedirectsWithinTheOrigin(t *testing.T) {
	relay := newRelay(t)
	relay.Add("task", xiexustest.Completes(0, video))
	relay.Host("hops.localhost", redirecting(5, relay))
	task, err := newClient(t, relay, xiexus.WithBaseURL("http://hops.localhost")).Get(t.Context(), "task")
	require.NoError(t, err)
	require.Equal(t, xiexus.StatusCompleted, task.Status)
	require.Equal(t, []string{"Bearer " + testKey}, relay.Requests()[0].Header["Authorization"])

	relay.Host("loop.localhost", redirecting(6, relay))
	_, err = newClient(t, relay, xiexus.WithBaseURL("http://loop.localhost")).Get(t.Context(), "task")
	require.ErrorIs(t, err, xiexus.ErrUnexpectedResponse, "five are enough")
	require.Len(t, relay.Requests(), 1)
}

// redirecting returns a handler that redirects to itself so many times.
func redirecting(hops int, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if hops--; hops >= 0 {
			http.Redirect(w, req, req.URL.Path+"?again", http.StatusMovedPermanently)
			return
		}
		next.ServeHTTP(w, req)
	})
}

func TestCreate_DoesNotFollowRedirects(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			sent := 0
			redirect := func(w http.ResponseWriter, req *http.Request) {
				sent++
				http.Redirect(w, req, "/v1/video/generations/", status)
			}
			relay := newRelay(t)
			relay.Host("relay.localhost", http.HandlerFunc(redirect))
			for name, client := range map[string]*xiexus.Client{
				"net/http": newClient(t, relay), "another transport": clientOf(t, redirect, xiexus.WithMaxRetries(2)),
			} {
				sent = 0
				_, err := client.Create(t.Context(), pianoCat)
				require.ErrorIs(t, err, xiexus.ErrUnexpectedResponse, name)
				requireUncertain(t, status == 302 || status == 303, err) // these may lead to what was created
				require.Equal(t, 1, sent, name)
			}
		})
	}
}
