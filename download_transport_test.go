package xiexus_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestDownload_SendsTheUserAgent(t *testing.T) {
	s := newStudio(t)
	s.relay.Add("task", xiexustest.Completes(0, ""))
	for name, opts := range map[string][]xiexus.Option{
		"xiexus-go/" + xiexus.Version: nil, "my-program/1.0": {xiexus.WithUserAgent("my-program/1.0")},
	} {
		client := newClient(t, s.relay, opts...)
		for _, url := range []string{atCDN, ""} {
			_, err := client.Download(t.Context(), taskAt(url), io.Discard)
			require.NoError(t, err)
		}
		for _, requests := range [][]xiexustest.Request{s.cdn.Requests(), s.relay.Requests()} {
			require.Equal(t, []string{name}, requests[len(requests)-1].Header["User-Agent"])
		}
	}
}

// Each transport gets the requests for its origins only.
func TestWithDownloadTransport_FetchesFromOtherOrigins(t *testing.T) {
	var api, other []string
	record := func(urls *[]string) roundTrip {
		return func(req *http.Request) (*http.Response, error) {
			*urls = append(*urls, req.URL.String())
			return handlerTransport(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "video/mp4")
				_, _ = io.WriteString(w, tinyVideo)
			}).RoundTrip(req)
		}
	}
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL("https://relay.example.com"),
		xiexus.WithHTTPClient(&http.Client{Transport: record(&api)}), xiexus.WithDownloadTransport(record(&other)))
	require.NoError(t, err)
	for _, url := range []string{"", "https://relay.example.com/cdn/a.mp4", "https://relay.example.com:8443/a.mp4", "https://cdn.example.com/a.mp4"} {
		var got bytes.Buffer
		_, err := client.Download(t.Context(), taskAt(url), &got)
		require.NoError(t, err)
		require.Equal(t, tinyVideo, got.String())
	}
	require.Equal(t, []string{"https://relay.example.com/v1/videos/task/content", "https://relay.example.com/cdn/a.mp4"}, api)
	require.Equal(t, []string{"https://relay.example.com:8443/a.mp4", "https://cdn.example.com/a.mp4"}, other)
}

// A CDN must not choose which of the relay's routes is requested with the key.
func TestDownload_KeyAlongRedirectsToTheRelay(t *testing.T) {
	const relay, cdn = "https://relay.example.com/api", "https://cdn.example.com/a.mp4"
	tests := []struct {
		name    string
		hops    []string
		withKey []bool
	}{
		{"the content route", []string{cdn, relay + "/v1/videos/task/content"}, []bool{false, true}},
		{"the content route with a query", []string{cdn, relay + "/v1/videos/task/content?a=b"}, []bool{false, true}},
		{"the artifact route", []string{cdn, relay + "/v1/tasks/task/artifacts/video/content?access=x"}, []bool{false, true}},
		{"an escaped ID", []string{cdn, relay + "/v1/videos/%E4%BB%BB/content"}, []bool{false, true}},
		{"the account", []string{cdn, relay + "/user/self"}, []bool{false, false}},
		{"the front page", []string{cdn, "https://relay.example.com/"}, []bool{false, false}},
		{"the status route", []string{cdn, relay + "/v1/video/generations/task"}, []bool{false, false}},
		{"outside the base path", []string{cdn, "https://relay.example.com/v1/videos/task/content"}, []bool{false, false}},
		{"deeper", []string{cdn, relay + "/x/v1/videos/task/content"}, []bool{false, false}},
		{"longer", []string{cdn, relay + "/v1/videos/task/content/x"}, []bool{false, false}},
		{"up", []string{cdn, relay + "/v1/videos/../content"}, []bool{false, false}},
		{"up, escaped", []string{cdn, relay + "/v1/videos/%2e%2e/content"}, []bool{false, false}},
		{"an escaped slash", []string{cdn, relay + "/v1/videos/..%2fuser/content"}, []bool{false, false}},
		{"an escaped backslash", []string{cdn, relay + "/v1/videos/..%5cuser/content"}, []bool{false, false}},
		{"no ID", []string{cdn, relay + "/v1/videos//content"}, []bool{false, false}},
		{"the relay itself", []string{relay + "/a", relay + "/b"}, []bool{true, true}},
		{"away and back", []string{relay + "/a", cdn, relay + "/b"}, []bool{true, false, false}},
		{"back, and on", []string{cdn, relay + "/a", relay + "/b"}, []bool{false, false, false}},
		{"another port", []string{relay + "/a", "https://relay.example.com:8443/api/v1/videos/task/content"}, []bool{true, false}},
		{"plain http", []string{relay + "/a", "http://relay.example.com/api/v1/videos/task/content"}, []bool{true, false}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var urls []string
			var withKey []bool
			network := roundTrip(func(req *http.Request) (*http.Response, error) {
				urls = append(urls, req.URL.String())
				withKey = append(withKey, req.Header.Get("Authorization") == "Bearer "+testKey)
				resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"video/mp4"}}, Body: http.NoBody, ContentLength: -1}
				if len(urls) < len(test.hops) {
					resp.StatusCode, resp.Header = http.StatusFound, http.Header{"Location": {test.hops[len(urls)]}}
				} else {
					resp.Body = io.NopCloser(bytes.NewReader(bytesOf(t, xiexustest.SampleVideo())))
				}
				return resp, nil // without its Request, as some transports do
			})
			client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(relay),
				xiexus.WithHTTPClient(&http.Client{Transport: network}), xiexus.WithDownloadTransport(network))
			require.NoError(t, err)
			_, err = client.Download(t.Context(), taskAt(test.hops[0]), io.Discard)
			require.NoError(t, err)
			require.Len(t, urls, len(test.hops))
			require.Equal(t, test.withKey, withKey)
		})
	}
}

func TestDownload_ReportsNetworkErrors(t *testing.T) {
	broken := errors.New("connection reset")
	client := newClient(t, newRelay(t), xiexus.WithMaxRetries(0),
		xiexus.WithDownloadTransport(roundTrip(func(*http.Request) (*http.Response, error) { return nil, broken })))
	_, err := client.Download(t.Context(), taskAt(atCDN), io.Discard)
	require.ErrorIs(t, err, xiexus.ErrUnavailable)
	require.ErrorIs(t, err, broken)
	require.NotErrorIs(t, err, xiexus.ErrResponseTooLarge)
	require.NotErrorIs(t, err, xiexus.ErrUnexpectedResponse)
}

// Without the option, neither the caller's client nor a changed default is used.
func TestDownload_UsesAGuardedTransportByDefault(t *testing.T) {
	cdn := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, tinyVideo) }))
	defer cdn.Close()
	callers := roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("the caller's transport") })
	standard := http.DefaultTransport
	defer func() { http.DefaultTransport = standard }()
	http.DefaultTransport = callers
	for base, want := range map[string]error{"http://127.0.0.1:1": nil, "https://api.example.com": xiexus.ErrAddressRefused} {
		client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(base), xiexus.WithHTTPClient(&http.Client{Transport: callers}))
		require.NoError(t, err)
		_, err = client.Download(t.Context(), taskAt(cdn.URL), io.Discard)
		require.ErrorIs(t, err, want)
		client.CloseIdleConnections()
	}
}

func TestClient_ClosesIdleConnectionsOfDownloads(t *testing.T) {
	cdn := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, tinyVideo) }))
	closed := make(chan struct{})
	cdn.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			close(closed)
		}
	}
	cdn.Start()
	defer cdn.Close()
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL("http://127.0.0.1:1"))
	require.NoError(t, err)
	_, err = client.Download(t.Context(), taskAt(cdn.URL), io.Discard)
	require.NoError(t, err)
	select {
	case <-closed:
		require.Fail(t, "the connection was not kept")
	default:
	}
	client.CloseIdleConnections()
	select {
	case <-closed:
	case <-time.After(5 * time.Second):
		require.Fail(t, "the connection was not closed")
	}
}
