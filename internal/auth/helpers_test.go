package auth_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

// A key that is none, in full and without the prefix that relays may leave out.
const (
	plainKey = "sk-0123456789abcdefXYZ"
	bareKey  = "0123456789abcdefXYZ"
)

// home is an address of the origin that gets the key in these tests.
const home = "https://relay.example.com/v1/video"

func parseKey(t testing.TB, pasted string) auth.Key {
	t.Helper()
	key, err := auth.ParseKey(pasted)
	require.NoError(t, err)
	return key
}

func parseURL(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u
}

func originOf(t testing.TB, address string) auth.Origin {
	t.Helper()
	return auth.OriginOf(parseURL(t, address))
}

func newRequest(t testing.TB, ctx context.Context, address string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	require.NoError(t, err)
	return req
}

// network is a transport in memory that keeps what it was asked to send.
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

// authorizationOf is the header that key is sent as: all that can be seen of one.
func authorizationOf(t testing.TB, key auth.Key) string {
	t.Helper()
	base := &network{}
	transport := &auth.Transport{Base: base, Origin: originOf(t, home), Source: auth.Static(key)}
	resp, err := transport.RoundTrip(newRequest(t, t.Context(), home))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Len(t, base.sent, 1)
	require.Len(t, base.sent[0].Header.Values("Authorization"), 1)
	return base.sent[0].Header.Get("Authorization")
}

// requireHidden fails if text shows the key, in any of the forms that verbs and
// encoders give to a string.
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
