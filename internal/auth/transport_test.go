package auth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

// uncalled returns a Source that must not be called.
func uncalled(t *testing.T) auth.Source {
	return func(context.Context) (auth.Key, error) {
		require.FailNow(t, "the source was called")
		return auth.Key{}, nil
	}
}

// send sends req over a Transport for home's origin and returns what Base received.
func send(t *testing.T, source auth.Source, defaults http.Header, req *http.Request) *http.Request {
	t.Helper()
	base := &network{}
	transport := &auth.Transport{Base: base, Origin: originOf(t, home), Source: source, Defaults: defaults}
	resp, err := transport.RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Same(t, req, resp.Request)
	require.Len(t, base.sent, 1)
	return base.sent[0]
}

func TestTransport_AddsTheKeyForItsOrigin(t *testing.T) {
	for _, rawURL := range []string{
		home,
		"https://relay.example.com",
		"https://relay.example.com:443/?a=1",
		"https://RELAY.example.com/",
	} {
		t.Run(rawURL, func(t *testing.T) {
			req := newRequest(t, rawURL)
			sent := send(t, auth.Static(parseKey(t, plainKey)), nil, req)
			require.Equal(t, []string{"Bearer " + plainKey}, sent.Header["Authorization"])
			require.Empty(t, req.Header, "the caller's request, which the response refers to")
		})
	}
}

func TestTransport_AddsNothingForOtherOrigins(t *testing.T) {
	for _, rawURL := range []string{
		"http://relay.example.com/",
		"https://relay.example.com:8443/",
		"https://cdn.example.com/",
		"https://example.com/",
		"https://a.relay.example.com/",
		"https://relay.example.com.evil.test/",
		"https://relay.example.com@evil.test/",
		"https://relay.example.com./",
	} {
		t.Run(rawURL, func(t *testing.T) {
			ctx := auth.NewContext(t.Context(), parseKey(t, plainKey))
			req := newRequest(t, rawURL).WithContext(ctx)
			sent := send(t, uncalled(t), http.Header{"Accept": {"application/json"}}, req)
			require.Same(t, req, sent)
			require.Empty(t, sent.Header)
		})
	}
}

func TestTransport_DoesNotModifyTheRequest(t *testing.T) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, home, strings.NewReader("body"))
	require.NoError(t, err)
	req.Header = http.Header{"Authorization": {"Bearer the-callers"}, "Accept": {"text/plain"}}
	before := req.Clone(t.Context())

	sent := send(t, auth.Static(parseKey(t, plainKey)), http.Header{"User-Agent": {"x"}}, req)
	require.NotSame(t, req, sent)
	require.Equal(t, before.Header, req.Header)
	require.Equal(t, []string{"Bearer " + plainKey}, sent.Header["Authorization"], "in place of the caller's")
	require.Equal(t, http.MethodPost, sent.Method)
	require.Same(t, req.URL, sent.URL)
	require.Equal(t, req.Context(), sent.Context())
	require.EqualValues(t, 4, sent.ContentLength)
	body, err := io.ReadAll(sent.Body)
	require.NoError(t, err)
	require.Equal(t, "body", string(body))
}

func TestTransport_AcceptsARequestWithoutHeaders(t *testing.T) {
	sent := send(t, auth.Static(parseKey(t, plainKey)), nil, &http.Request{URL: parseURL(t, home)})
	require.Equal(t, http.Header{"Authorization": {"Bearer " + plainKey}}, sent.Header)
}

func TestTransport_PrefersTheKeyOfTheContext(t *testing.T) {
	ctx := auth.NewContext(t.Context(), parseKey(t, "sk-of-the-context"))
	sent := send(t, uncalled(t), nil, newRequest(t, home).WithContext(ctx))
	require.Equal(t, "Bearer sk-of-the-context", sent.Header.Get("Authorization"))

	ctx = auth.NewContext(ctx, parseKey(t, "sk-of-the-inner"))
	sent = send(t, uncalled(t), nil, newRequest(t, home).WithContext(ctx))
	require.Equal(t, "Bearer sk-of-the-inner", sent.Header.Get("Authorization"))
}

func TestTransport_CallsTheSourceWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	source := func(got context.Context) (auth.Key, error) {
		require.Equal(t, ctx, got)
		return parseKey(t, plainKey), nil
	}
	send(t, source, nil, newRequest(t, home).WithContext(ctx))
}

// body records whether it was closed.
type body struct {
	io.Reader
	closed bool
}

func (b *body) Close() error { b.closed = true; return nil }

func TestTransport_SendsNothingWithoutAKey(t *testing.T) {
	sealed := errors.New("vault sealed")
	source := func(context.Context) (auth.Key, error) { return auth.Key{}, sealed }
	for _, sent := range []*body{nil, {Reader: strings.NewReader("body")}} {
		base := &network{}
		transport := &auth.Transport{Base: base, Origin: originOf(t, home), Source: source}
		req := newRequest(t, home)
		if sent != nil {
			req.Body = sent
		}
		resp, err := transport.RoundTrip(req)
		require.Nil(t, resp)
		require.ErrorIs(t, err, sealed)
		require.Empty(t, base.sent)
		require.True(t, sent == nil || sent.closed)
	}
}

func TestTransport_SendsNothingWithTheZeroKey(t *testing.T) {
	base := &network{}
	transport := &auth.Transport{Base: base, Origin: originOf(t, home), Source: auth.Static(auth.Key{})}
	req := newRequest(t, home)
	b := &body{Reader: strings.NewReader("x")}
	req.Body = b
	_, err := transport.RoundTrip(req)
	require.ErrorIs(t, err, auth.ErrNoKey)
	require.Empty(t, base.sent)
	require.True(t, b.closed)
}

func TestTransport_ReturnsErrorsOfBase(t *testing.T) {
	lost := errors.New("connection lost")
	transport := &auth.Transport{Base: &network{err: lost}, Origin: originOf(t, home), Source: auth.Static(parseKey(t, plainKey))}
	client := &http.Client{Transport: transport}
	resp, err := client.Do(newRequest(t, home))
	require.Nil(t, resp)
	require.ErrorIs(t, err, lost)
	requireHidden(t, err.Error())
	requireHidden(t, dump(err))
}

// For the race detector: requests share the values of the key and the defaults.
func TestTransport_IsSafeForConcurrentUse(t *testing.T) {
	defaults := http.Header{"Accept": {"application/json"}}
	source := auth.Static(parseKey(t, plainKey))
	var senders sync.WaitGroup
	for range 8 {
		req := newRequest(t, home)
		senders.Go(func() {
			transport := &auth.Transport{Base: &network{}, Origin: originOf(t, home), Source: source, Defaults: defaults}
			for range 20 {
				if resp, err := transport.RoundTrip(req); err != nil || resp.Request != req {
					t.Error(resp, err)
				}
			}
		})
	}
	senders.Wait()
}

// idle is a network with idle connections.
type idle struct {
	network
	closed int
}

func (n *idle) CloseIdleConnections() { n.closed++ }

func TestTransport_ClosesIdleConnections(t *testing.T) {
	base := &idle{}
	(&http.Client{Transport: &auth.Transport{Base: base}}).CloseIdleConnections()
	require.Equal(t, 1, base.closed)

	(&auth.Transport{Base: &network{}}).CloseIdleConnections() // not supported by Base
}
