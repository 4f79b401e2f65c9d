package download

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/ssrf"
)

var link = &url.URL{Scheme: "https", Host: "cdn.example.com", Path: "/v.mp4", RawQuery: "signature=secret"}

func get(ctx context.Context) *http.Request {
	return (&http.Request{Method: http.MethodGet, URL: link, Header: http.Header{}}).WithContext(ctx)
}

func newClient(send roundTripFunc) Client {
	return Client{
		HTTP:      &http.Client{Transport: send, CheckRedirect: CheckRedirect},
		Relay:     auth.OriginOf(&url.URL{Scheme: "https", Host: "relay.example.com"}),
		UserAgent: "test/1",
		Logger:    slog.New(slog.DiscardHandler),
	}
}

func TestClient_SendsHeaders(t *testing.T) {
	var sent http.Header
	client := newClient(func(req *http.Request) (*http.Response, error) {
		sent = req.Header
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}, nil
	})
	for offset, want := range map[int64]http.Header{
		0:  {"Accept": {"*/*"}, "Accept-Encoding": {"identity"}, "User-Agent": {"test/1"}},
		10: {"Accept": {"*/*"}, "Accept-Encoding": {"identity"}, "User-Agent": {"test/1"}, "Range": {"bytes=10-"}, "If-Range": {`"a"`}},
	} {
		resp, err := client.Open(get(t.Context()), offset, `"a"`)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, want, sent)
	}
}

func TestClient_ReportsExpiredLinks(t *testing.T) {
	const cdn, relay = "https://cdn.example.com/v", "https://relay.example.com:443/v"
	tests := []struct {
		name     string
		url      string
		link     bool
		expired  []int
		statuses []int
	}{
		{"a CDN", cdn, true, []int{400, 401, 403, 404, 410}, []int{200, 206, 416, 429, 500}},
		{"a CDN that the relay's route redirects to", cdn, false, []int{400, 401, 403, 404, 410}, []int{200, 206, 416, 429, 500}},
		{"a link of the relay's origin", relay, true, []int{403, 404, 410}, []int{200, 206, 400, 401, 416, 500}},
		{"the relay's route", relay, false, nil, []int{200, 206, 400, 401, 403, 404, 410, 416, 500}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status := 0
			client := newClient(func(req *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Body: http.NoBody, Request: req}, nil
			})
			isExpired := func() bool {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.url, http.NoBody)
				require.NoError(t, err)
				resp, err := client.Open(req, 0, "")
				require.NoError(t, err)
				require.Equal(t, status == 200 || status == 206 || status == 416, HasVideo(resp))
				require.NoError(t, resp.Body.Close())
				return client.IsExpired(resp, test.link)
			}
			for _, status = range test.statuses {
				require.False(t, isExpired(), status)
			}
			for _, status = range test.expired {
				require.True(t, isExpired(), status)
			}
		})
	}
}

func TestClient_ReportsRequestErrors(t *testing.T) {
	redirectTo := func(location string) roundTripFunc {
		return func(req *http.Request) (*http.Response, error) {
			header := http.Header{"Location": {location}}
			return &http.Response{StatusCode: http.StatusFound, Header: header, Body: http.NoBody, Request: req}, nil
		}
	}
	tests := []struct {
		name string
		send roundTripFunc
		want error
		text string
	}{
		{"no connection", func(*http.Request) (*http.Response, error) { return nil, errBroken }, ErrUnavailable, "connection reset"},
		{"refused", func(*http.Request) (*http.Response, error) { return nil, ssrf.ErrRefused }, ssrf.ErrRefused, "URL refused"},
		{"an invalid redirect", redirectTo("http://cdn.example.com:port/?signature=secret"), ErrUnavailable, "redirect to an invalid URL"},
		{"endless redirects", redirectTo(link.String()), ssrf.ErrRefused, "more than 10 redirects"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := newClient(test.send).Open(get(t.Context()), 0, "")
			for _, kind := range []error{ErrUnavailable, ssrf.ErrRefused} {
				require.Equal(t, errors.Is(test.want, kind), errors.Is(err, kind), kind)
			}
			require.ErrorContains(t, err, test.text)
			require.ErrorContains(t, err, "GET https://cdn.example.com/v.mp4: ")
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestClient_IdleTimeout(t *testing.T) {
	never := func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	idleBody := func(req *http.Request) (*http.Response, error) {
		body := io.NopCloser(io.MultiReader(strings.NewReader("video"), idleReader{req.Context()}))
		return &http.Response{StatusCode: http.StatusOK, Body: body, Request: req}, nil
	}
	for name, send := range map[string]roundTripFunc{"no response": never, "no more bytes": idleBody} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := newClient(send)
				client.IdleTimeout = 7 * time.Second
				start := time.Now()
				require.ErrorIs(t, readAll(t.Context(), client), ErrIncomplete)
				require.Equal(t, 7*time.Second, time.Since(start))

				client.IdleTimeout = 0
				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				require.ErrorIs(t, readAll(ctx, client), context.DeadlineExceeded, "no limit")
			})
		})
	}
}

func TestClient_ReleasesContexts(t *testing.T) {
	var ctx context.Context
	client := newClient(func(req *http.Request) (*http.Response, error) {
		if ctx = req.Context(); req.Header.Get("Range") != "" {
			return nil, errBroken
		}
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}, nil
	})
	resp, err := client.Open(get(t.Context()), 0, "")
	require.NoError(t, err)
	require.NoError(t, ctx.Err())
	require.NoError(t, resp.Body.Close())
	require.Error(t, ctx.Err(), "after the body is closed")
	_, err = client.Open(get(t.Context()), 10, `"a"`)
	require.ErrorIs(t, err, errBroken)
	require.Error(t, ctx.Err(), "after an error")
}

func readAll(ctx context.Context, client Client) error {
	resp, err := client.Open(get(ctx), 0, "")
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}

func TestCheckRedirect(t *testing.T) {
	req, err := http.NewRequest(http.MethodGet, "https://cdn.example.com", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Referer", "https://signed.example.com/?secret")
	require.NoError(t, CheckRedirect(req, make([]*http.Request, 10)))
	require.Empty(t, req.Header)
	require.ErrorIs(t, CheckRedirect(req, make([]*http.Request, 11)), ssrf.ErrRefused)
}
