package xiexus_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// listeners are servers on loopback that note which of them saw the key.
type listeners struct {
	home, otherPort, secure *httptest.Server
	sawKey                  map[string]bool
}

func newListeners(t *testing.T, home http.HandlerFunc) *listeners {
	l := &listeners{sawKey: map[string]bool{}}
	note := func(name string, next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, req *http.Request) {
			l.sawKey[name] = l.sawKey[name] || strings.Contains(fmt.Sprint(req.Header, req.URL), testKey[3:])
			next(w, req)
		}
	}
	task := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"task_id":"task","status":"completed"}`)
	}
	l.home = httptest.NewServer(note("home", home))
	l.otherPort = httptest.NewServer(note("other port", task))
	l.secure = httptest.NewTLSServer(note("secure", home))
	for _, server := range []*httptest.Server{l.home, l.otherPort, l.secure} {
		t.Cleanup(server.Close)
	}
	return l
}

func TestTheKeyFollowsNoRedirectElsewhere(t *testing.T) {
	var target string
	l := newListeners(t, func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, target, http.StatusTemporaryRedirect)
	})
	other, err := url.Parse(l.otherPort.URL)
	require.NoError(t, err)
	tests := []struct{ name, base, target string }{
		{"another port", l.home.URL, l.otherPort.URL},
		{"another host", l.home.URL, "http://localhost:" + other.Port()},
		{"https to http", l.secure.URL, l.otherPort.URL},
		{"http to https", l.home.URL, l.secure.URL},
		{"user and password", l.home.URL, "http://user:pass@" + other.Host},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			clear(l.sawKey)
			target = test.target
			client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(test.base),
				xiexus.WithHTTPClient(l.secure.Client()))
			require.NoError(t, err)
			_, err = client.Get(t.Context(), "task")
			require.ErrorIs(t, err, xiexus.ErrUnexpectedResponse)
			require.ErrorContains(t, err, "redirect")

			resp := viaAPI(t, client, "task")
			require.Equal(t, http.StatusTemporaryRedirect, resp.StatusCode)
			require.False(t, l.sawKey["other port"])
			require.False(t, test.base == l.home.URL && l.sawKey["secure"])
		})
	}
}

func TestRedirectsWithinTheOriginAreFollowed(t *testing.T) {
	hops := 0
	l := newListeners(t, func(w http.ResponseWriter, req *http.Request) {
		if hops++; hops < 3 {
			http.Redirect(w, req, req.URL.Path+"?again", http.StatusMovedPermanently)
			return
		}
		_, _ = io.WriteString(w, `{"task_id":"task","status":"completed"}`)
	})
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(l.home.URL), xiexus.WithHTTPClient(l.home.Client()))
	require.NoError(t, err)
	task, err := client.Get(t.Context(), "task")
	require.NoError(t, err)
	require.Equal(t, xiexus.StatusCompleted, task.Status)
	require.True(t, l.sawKey["home"])

	hops = -100 // a loop
	_, err = client.Get(t.Context(), "task")
	require.ErrorIs(t, err, xiexus.ErrUnexpectedResponse)
}

func TestTheCallersHTTPClientStaysAsItIs(t *testing.T) {
	mine := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("no network here")
	})}
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithHTTPClient(mine), xiexus.WithMaxRetries(0))
	require.NoError(t, err)
	_, err = client.Get(t.Context(), "task")
	require.ErrorIs(t, err, xiexus.ErrUnavailable)
	require.Nil(t, mine.CheckRedirect)
	require.IsType(t, roundTrip(nil), mine.Transport)
}
