package auth_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

// A key for tests, in full and without the prefix that relays may omit.
const (
	plainKey = "sk-0123456789abcdefXYZ"
	bareKey  = "0123456789abcdefXYZ"
)

// home is a URL of the origin that receives the key in these tests.
const home = "https://relay.example.com/v1/video"

func parseKey(t testing.TB, pasted string) auth.Key {
	t.Helper()
	key, err := auth.ParseKey(pasted)
	require.NoError(t, err)
	return key
}

func parseURL(t testing.TB, rawURL string) *url.URL {
	t.Helper()
	u, err := url.Parse(rawURL)
	require.NoError(t, err)
	return u
}

func originOf(t testing.TB, rawURL string) auth.Origin {
	t.Helper()
	return auth.OriginOf(parseURL(t, rawURL))
}

func newRequest(t testing.TB, rawURL string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, rawURL, nil)
	require.NoError(t, err)
	return req
}

// network is a transport in memory that records requests.
type network struct {
	sent []*http.Request
	err  error
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	n.sent = append(n.sent, req)
	if n.err != nil {
		return nil, n.err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
}

// authorizationOf returns the header that key is sent as.
func authorizationOf(t testing.TB, key auth.Key) string {
	t.Helper()
	base := &network{}
	transport := &auth.Transport{Base: base, Origin: originOf(t, home), Source: auth.Static(key)}
	resp, err := transport.RoundTrip(newRequest(t, home))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Len(t, base.sent, 1)
	require.Len(t, base.sent[0].Header.Values("Authorization"), 1)
	return base.sent[0].Header.Get("Authorization")
}

// requireHidden fails if text contains the key, in any form that verbs and encoders
// give to a string.
func requireHidden(t testing.TB, text string) {
	t.Helper()
	for _, shown := range []string{
		bareKey,
		fmt.Sprintf("%x", bareKey),
		fmt.Sprintf("%X", bareKey),
		fmt.Sprintf("% x", bareKey),
		fmt.Sprintf("% d", []byte(bareKey[:8])),
		fmt.Sprintf("%U", []rune(bareKey[:8])),
		base64.StdEncoding.EncodeToString([]byte(plainKey)),
		base64.StdEncoding.EncodeToString([]byte("Bearer " + plainKey)),
	} {
		require.NotContains(t, text, shown)
	}
}
