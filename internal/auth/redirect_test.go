package auth_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

// hop is a request as a server received it.
type hop struct{ path, authorization, dump, body string }

// servers are relays on loopback that record their requests in order.
type servers struct {
	mu   sync.Mutex
	hops []hop
}

func (s *servers) received() []hop {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hops
}

// start starts a server that redirects to the URL in the query's "to".
func (s *servers) start(t *testing.T, tls bool) *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dumped, _ := httputil.DumpRequest(r, false)
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.hops = append(s.hops, hop{r.URL.Path, r.Header.Get("Authorization"), string(dumped), string(body)})
		s.mu.Unlock()
		if to := r.URL.Query().Get("to"); to != "" {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusTemporaryRedirect)
		}
	}))
	if tls {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server
}

// to returns a URL that redirects along the rest.
func to(first string, rest ...string) string {
	if len(rest) == 0 {
		return first
	}
	return first + "?to=" + url.QueryEscape(to(rest[0], rest[1:]...))
}

func TestTransport_AlongRedirects(t *testing.T) {
	const key, none = "Bearer " + plainKey, ""
	tests := []struct {
		name string
		hops func(home, other, secure, named string) []string
		want []string // the Authorization of each hop
	}{
		{"none", func(home, _, _, _ string) []string { return []string{home + "/a"} }, []string{key}},
		{"same origin", func(home, _, _, _ string) []string { return []string{home + "/a", home + "/b"} }, []string{key, key}},
		{"same origin, relative", func(home, _, _, _ string) []string { return []string{home + "/a", "/b"} }, []string{key, key}},
		{"other port", func(home, other, _, _ string) []string { return []string{home + "/a", other + "/b"} }, []string{key, none}},
		{"other scheme", func(home, _, secure, _ string) []string { return []string{home + "/a", secure + "/b"} }, []string{key, none}},
		{"other name of the same server", func(home, _, _, named string) []string { return []string{home + "/a", named + "/b"} }, []string{key, none}},
		{"away, and again there", func(home, other, _, _ string) []string { return []string{home + "/a", other + "/b", "/c"} }, []string{key, none, none}},
		{"away and back", func(home, other, _, _ string) []string { return []string{home + "/a", other + "/b", home + "/c"} }, []string{key, none, key}},
		{"from elsewhere", func(home, other, _, _ string) []string { return []string{other + "/a", home + "/b"} }, []string{none, key}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var relays servers
			home, other, secure := relays.start(t, false), relays.start(t, false), relays.start(t, true)
			named := strings.Replace(home.URL, "127.0.0.1", "relay.test", 1)
			client := &http.Client{Transport: &auth.Transport{
				Base:   dialling(secure, home),
				Origin: originOf(t, home.URL),
				Source: auth.Static(parseKey(t, plainKey)),
			}}
			defer client.CloseIdleConnections()

			hops := tt.hops(home.URL, other.URL, secure.URL, named)
			resp := post(t, client, to(hops[0], hops[1:]...))
			for _, req := range sentBefore(resp) {
				require.NotContains(t, req.Header, "Authorization")
				requireHidden(t, fmt.Sprintf("%+v", req))
			}

			require.Len(t, relays.received(), len(tt.want))
			for i, hop := range relays.received() {
				require.Equal(t, fmt.Sprintf("/%c", 'a'+i), hop.path)
				require.Equal(t, tt.want[i], hop.authorization)
				require.Equal(t, "body", hop.body)
				if tt.want[i] == none {
					requireHidden(t, hop.dump)
				}
			}
		})
	}
}

// sentBefore returns the requests that led to resp, its own first.
func sentBefore(resp *http.Response) []*http.Request {
	var requests []*http.Request
	for ; resp != nil; resp = requests[len(requests)-1].Response {
		requests = append(requests, resp.Request)
	}
	return requests
}

// dialling returns a transport that trusts secure and reaches home by the name relay.test.
func dialling(secure, home *httptest.Server) *http.Transport {
	transport := secure.Client().Transport.(*http.Transport).Clone()
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "relay.test:") {
			address = home.Listener.Addr().String()
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	return transport
}

func post(t *testing.T, client *http.Client, rawURL string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, rawURL, strings.NewReader("body"))
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Empty(t, req.Header)
	return resp
}
