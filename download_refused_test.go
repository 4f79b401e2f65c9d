package xiexus_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// newPublicClient returns a client of a relay that is not on loopback.
func newPublicClient(t testing.TB, relay *xiexustest.Relay, opts ...xiexus.Option) *xiexus.Client {
	return newClient(t, relay, append([]xiexus.Option{
		xiexus.WithBaseURL("http://relay.example.com"), xiexus.WithInsecureHTTP(),
	}, opts...)...)
}

func TestDownload_RefusesURLs(t *testing.T) {
	const moved = "http://cdn.example.com/moved.mp4"
	tests := []struct{ name, url, redirect string }{
		{"ftp", "ftp://cdn.example.com/film.mp4", ""},
		{"a file", "file:///etc/passwd", ""},
		{"no scheme", "cdn.example.com/film.mp4", ""},
		{"loopback", "http://127.0.0.1/film.mp4", ""},
		{"this machine", "http://localhost:8080/film.mp4", ""},
		{"a private network", "http://192.168.0.1/film.mp4", ""},
		{"link-local", "http://169.254.169.254/latest/meta-data/", ""},
		{"IPv6 loopback", "http://[::1]/film.mp4", ""},
		{"another port of the relay, private", "http://10.0.0.1:81/film.mp4", ""},
		{"the API key in it", atCDN + "?key=" + testKey, ""},
		{"a redirect to a private address", moved, "http://10.0.0.1/film.mp4"},
		{"a redirect to a file", moved, "file:///etc/passwd"},
		{"a redirect to ftp", moved, "ftp://cdn.example.com/film.mp4"},
		{"a loop", moved, moved},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStudio(t)
				s.cdn.Put("/moved.mp4", xiexustest.Delivery{Redirect: test.redirect})
				client := newPublicClient(t, s.relay)
				folder := t.TempDir()
				_, err := client.DownloadFile(t.Context(), taskAt(test.url), filepath.Join(folder, "v.mp4"))
				require.ErrorIs(t, err, xiexus.ErrAddressRefused)
				require.NotContains(t, err.Error(), testKey[3:])
				require.LessOrEqual(t, len(s.cdn.Requests()), 11, "no retries")
				require.Empty(t, s.relay.Requests())
				left, err := os.ReadDir(folder)
				require.NoError(t, err)
				require.Empty(t, left)
			})
		})
	}
}

func TestWithPrivateAddresses(t *testing.T) {
	s := newStudio(t)
	s.relay.Host("10.0.0.1", s.cdn)
	task := taskAt("http://10.0.0.1/film.mp4")
	_, err := newPublicClient(t, s.relay).Download(t.Context(), task, io.Discard)
	require.ErrorIs(t, err, xiexus.ErrAddressRefused)
	require.Contains(t, err.Error(), "WithPrivateAddresses")
	for name, client := range map[string]*xiexus.Client{
		"by the caller":          newPublicClient(t, s.relay, xiexus.WithPrivateAddresses()),
		"by a private relay":     newClient(t, s.relay, xiexus.WithBaseURL("http://192.168.1.1"), xiexus.WithInsecureHTTP()),
		"by a relay on loopback": newClient(t, s.relay),
	} {
		_, err := client.Download(t.Context(), task, io.Discard)
		require.NoError(t, err, name)
	}
}

// A URL that is not a web address is not the same as none.
func TestDownload_RefusesOtherSchemesOfARelay(t *testing.T) {
	for _, url := range []string{"ftp://cdn.example.com/film.mp4", "file:///etc/passwd"} {
		s := newStudio(t)
		client := newClient(t, s.relay)
		task := s.task(t, client, url)
		require.Empty(t, task.URL)
		before := len(s.relay.Requests())
		_, err := client.Download(t.Context(), task, io.Discard)
		require.ErrorIs(t, err, xiexus.ErrAddressRefused)
		require.Len(t, s.relay.Requests(), before)
	}
}

// A relay that is its own CDN, and repeats the key.
func TestDownload_LinksOnTheRelaysOrigin(t *testing.T) {
	var paths []string
	handler := func(w http.ResponseWriter, req *http.Request) {
		paths = append(paths, req.URL.Path)
		assert.Equal(t, "Bearer "+testKey, req.Header.Get("Authorization"))
		switch req.URL.Path {
		case "/cdn/old.mp4":
			http.Error(w, "expired", http.StatusForbidden)
		case "/cdn/secret.mp4":
			http.Error(w, "bad token "+req.Header.Get("Authorization"), http.StatusUnauthorized)
		case "/cdn/new.mp4":
			w.Header().Set("Content-Type", "video/mp4")
			_, _ = io.WriteString(w, tinyVideo)
		default:
			_, _ = io.WriteString(w, `{"task_id":"task","status":"completed","url":"http://relay.localhost/cdn/new.mp4"}`)
		}
	}
	key := xiexus.WithAPIKeyFunc(func(context.Context) (string, error) { return testKey, nil })
	client := clientOf(t, handler, key)
	var got bytes.Buffer
	_, err := client.Download(t.Context(), taskAt("http://relay.localhost/cdn/old.mp4"), &got)
	require.NoError(t, err)
	require.Equal(t, tinyVideo, got.String())
	require.Equal(t, []string{"/cdn/old.mp4", "/v1/video/generations/task", "/cdn/new.mp4"}, paths)

	_, err = client.Download(t.Context(), taskAt("http://relay.localhost/cdn/secret.mp4"), io.Discard)
	require.ErrorIs(t, err, xiexus.ErrUnauthorized)
	require.NotContains(t, err.Error(), testKey[3:])
}

func TestDownload_HidesSignatures(t *testing.T) {
	for name, respond := range map[string]func(http.ResponseWriter){
		"a redirect to an invalid URL": func(w http.ResponseWriter) {
			w.Header().Set("Location", "http://cdn.example.com:port/?sig=SECRET")
			w.WriteHeader(http.StatusFound)
		},
		"a choice": func(w http.ResponseWriter) {
			w.Header().Set("Location", "http://cdn.example.com/?sig=SECRET")
			w.WriteHeader(http.StatusMultipleChoices)
		},
	} {
		client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) { respond(w) }, xiexus.WithMaxRetries(0))
		_, err := client.Download(t.Context(), taskAt("http://relay.localhost/a?sig=SECRET"), io.Discard)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "SECRET", name)
	}
}

func TestDownload_RedactsTheKeyInOtherResponses(t *testing.T) {
	s := newStudio(t)
	s.relay.Host("cdn.example.com", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "bad key "+testKey, http.StatusPaymentRequired)
	}))
	_, err := newClient(t, s.relay).Download(t.Context(), taskAt(atCDN), io.Discard)
	require.ErrorContains(t, err, "bad key")
	require.NotContains(t, err.Error(), testKey[3:])
}

// The relay's content endpoint gets the key, and so does a URL on the relay's origin,
// wherever it redirects to.
func TestDownload_KeyIsNotInErrors(t *testing.T) {
	elsewhere := func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Authorization") != "" {
			http.Redirect(w, req, "http://elsewhere.localhost/video.mp4", http.StatusFound)
			return
		}
		req.Header.Set("Authorization", "Bearer "+testKey) // of a server that knows it from somewhere else
		echo(http.StatusTooManyRequests)(w, req)
	}
	tests := map[string]struct {
		url   string
		relay http.HandlerFunc
	}{
		"content endpoint": {"", echo(http.StatusOK)},
		"content type": {"", func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Content-Type", "application/"+strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")+"+json")
			_, _ = io.WriteString(w, "{}")
		}},
		"relay's origin": {"http://relay.localhost/video.mp4", echo(http.StatusOK)},
		"error":          {"http://relay.localhost/video.mp4", echo(http.StatusPaymentRequired)},
		"redirect":       {"http://relay.localhost/video.mp4", elsewhere},
	}
	keys := map[string]xiexus.Option{
		"key":          xiexus.WithAPIKey(testKey),
		"key function": xiexus.WithAPIKeyFunc(func(context.Context) (string, error) { return testKey, nil }),
	}
	for name, test := range tests {
		for kind, key := range keys {
			t.Run(name+" "+kind, func(t *testing.T) {
				client := clientOf(t, test.relay, key, xiexus.WithDownloadTransport(handlerTransport(test.relay)))
				_, err := client.Download(t.Context(), taskAt(test.url), io.Discard)
				requireNoKey(t, err)
			})
		}
	}
}
