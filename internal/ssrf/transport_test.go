package ssrf

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

var errReached = errors.New("reached")

// reached is a transport that only reports that it was used.
var reached = transportFunc(func(*http.Request) (*http.Response, error) { return nil, errReached })

// never trusts no request.
func never(*http.Request) bool { return false }

func TestTransport_DoesNotCheckTrustedRequests(t *testing.T) {
	for rawURL, trusted := range map[string]bool{"http://10.0.0.1:3000/v1": true, "http://10.0.0.1/": false} {
		transport := NewTransport(NewPolicy("api.example.com", false), func(req *http.Request) bool {
			require.Equal(t, rawURL, req.URL.String())
			return trusted
		}, reached, nil)
		_, err := (&http.Client{Transport: transport}).Get(rawURL)
		if trusted {
			require.ErrorIs(t, err, errReached, rawURL)
		} else {
			require.ErrorIs(t, err, ErrRefused, rawURL)
		}
	}
}

// A name is checked when it is dialled: no DNS response can lead inside.
func TestTransport_ChecksResolvedAddresses(t *testing.T) {
	var accepted atomic.Int64
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(net.Conn, http.ConnState) { accepted.Add(1) }
	server.Start()
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	transport := func(base string, anything bool) *Transport {
		u := parse(t, base)
		return NewTransport(NewPolicy(u.Hostname(), anything), never, reached, nil)
	}
	public := transport("https://api.example.com", false)
	for _, host := range []string{"127.0.0.1", "localhost"} { // as if a public name had resolved to it
		_, err := public.checked.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		require.ErrorIs(t, err, ErrRefused)
	}
	require.Zero(t, accepted.Load(), "refused before it is dialled")
	for name, transport := range map[string]*Transport{
		"a relay on loopback": transport("http://127.0.0.1", false), "all allowed": transport("https://api.example.com", true),
	} {
		resp, err := (&http.Client{Transport: transport}).Get(server.URL)
		require.NoError(t, err, name)
		_ = resp.Body.Close()
		transport.CloseIdleConnections()
	}
}

func TestTransport_AllowsAPrivateProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.WriteString(w, "by proxy: "+req.URL.String())
	}))
	defer proxy.Close()
	transport := NewTransport(NewPolicy("api.example.com", false), never, reached, nil)
	transport.proxy = http.ProxyURL(parse(t, proxy.URL)) // not by the environment, which is read once
	transport.unchecked.(*http.Transport).Proxy = transport.proxy
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	resp, err := client.Get("http://cdn.example.com/a")
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	_ = resp.Body.Close()
	require.Equal(t, "by proxy: http://cdn.example.com/a", string(body))
	for _, rawURL := range []string{"http://10.0.0.1/", "http://①②⑦.0.0.1/", "http://ｌocalhost/"} {
		_, err = client.Get(rawURL)
		require.ErrorIs(t, err, ErrRefused, "the URL is checked all the same")
	}
}

func TestTransport_ChecksTheURLOverACallersTransport(t *testing.T) {
	api := transportFunc(func(*http.Request) (*http.Response, error) { return nil, errors.New("wrong transport") })
	transport := NewTransport(NewPolicy("api.example.com", false), never, api, reached)
	transport.CloseIdleConnections() // these have none
	client := &http.Client{Transport: transport}
	_, err := client.Get("http://cdn.example.com/")
	require.ErrorIs(t, err, errReached)
	for _, rawURL := range []string{"http://127.0.0.1/", "http://①②⑦.0.0.1/", "http://ｌocalhost/", "ftp://cdn.example.com/"} {
		_, err = client.Get(rawURL)
		require.ErrorIs(t, err, ErrRefused, rawURL)
	}
	transport.policy = NewPolicy("api.example.com", true)
	for _, rawURL := range []string{"http://127.0.0.1/", "http://视频.example.com/"} {
		_, err = client.Get(rawURL)
		require.ErrorIs(t, err, errReached, rawURL)
	}
}

func TestTransport_SpeaksHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	transport := NewTransport(NewPolicy("127.0.0.1", false), never, reached, nil)
	transport.checked.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	transport.checked.TLSClientConfig.NextProtos = nil
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get(server.URL)
	require.NoError(t, err)
	_ = resp.Body.Close()
	require.Equal(t, 2, resp.ProtoMajor)
}

// idleCounter counts calls of CloseIdleConnections.
type idleCounter struct {
	http.RoundTripper
	closed int
}

func (c *idleCounter) CloseIdleConnections() { c.closed++ }

func TestTransport_ClosesIdleConnections(t *testing.T) {
	api, callers := &idleCounter{}, &idleCounter{}
	NewTransport(Policy{}, never, api, callers).CloseIdleConnections()
	require.Equal(t, []int{1, 1}, []int{api.closed, callers.closed})
}
