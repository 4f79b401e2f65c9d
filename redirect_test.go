package xiexus_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// origins are servers on loopback that record which of them received the key.
type origins struct {
	relay, otherPort, secure *httptest.Server

	mu     sync.Mutex
	gotKey map[string]bool
}

func newOrigins(t *testing.T, relay http.HandlerFunc) *origins {
	t.Helper()
	o := &origins{gotKey: map[string]bool{}}
	task := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"task_id":"task","status":"completed"}`)
	}
	o.relay = httptest.NewServer(o.record("relay", relay))
	o.otherPort = httptest.NewServer(o.record("other port", task))
	o.secure = httptest.NewTLSServer(o.record("secure", relay))
	for _, server := range []*httptest.Server{o.relay, o.otherPort, o.secure} {
		t.Cleanup(server.Close)
	}
	return o
}

func (o *origins) record(name string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		if strings.Contains(fmt.Sprint(req.Header, req.URL), secret) {
			o.mu.Lock()
			o.gotKey[name] = true
			o.mu.Unlock()
		}
		next(w, req)
	}
}

// received returns whether a server has received the key, and forgets it.
func (o *origins) received(name string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	got := o.gotKey[name]
	delete(o.gotKey, name)
	return got
}

func TestClient_DoesNotFollowRedirectsToOtherOrigins(t *testing.T) {
	var target string
	o := newOrigins(t, func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, target, http.StatusTemporaryRedirect)
	})
	other, err := url.Parse(o.otherPort.URL)
	require.NoError(t, err)
	tests := []struct{ name, base, target, from, to string }{
		{"another port", o.relay.URL, o.otherPort.URL, "relay", "other port"},
		{"another host", o.relay.URL, "http://localhost:" + other.Port(), "relay", "other port"},
		{"https to http", o.secure.URL, o.otherPort.URL, "secure", "other port"},
		{"http to https", o.relay.URL, o.secure.URL, "relay", "secure"},
		{"user and password", o.relay.URL, "http://user:pass@" + other.Host, "relay", "other port"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			target = test.target
			client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(test.base),
				xiexus.WithHTTPClient(o.secure.Client()))
			require.NoError(t, err)
			_, err = client.Get(t.Context(), "task")
			require.ErrorIs(t, err, xiexus.ErrUnexpectedResponse)
			require.ErrorContains(t, err, "redirect")
			resp := viaAPI(t, client)
			require.Equal(t, http.StatusTemporaryRedirect, resp.StatusCode)
			require.True(t, o.received(test.from))
			require.False(t, o.received(test.to))
		})
	}
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
