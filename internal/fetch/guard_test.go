package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, address string) *url.URL {
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u
}

func TestWhichAddressesAreAsked(t *testing.T) {
	public := []string{"https://cdn.example.com/a", "http://8.8.8.8/a", "http://[2606:4700::1]/", "http://198.18.0.1/", "http://[64:ff9b::808:808]/"}
	private := []string{
		"http://127.0.0.1/", "http://127.9.9.9:80/", "http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://10.0.0.1/",
		"http://172.31.0.1/", "http://192.168.1.1/", "http://100.64.0.1/", "http://[::1]/", "http://[fd00::1]/", "http://[::ffff:127.0.0.1]/",
		"http://[64:ff9b::7f00:1]/",
	}
	linkLocal := []string{"http://169.254.169.254/latest/meta-data", "http://[fe80::1]/", "http://[fe80::1%25eth0]/"}
	never := []string{"http://0.0.0.0/", "http://[::]/", "http://224.0.0.1/", "http://255.255.255.255/"}
	tests := []struct {
		name, base      string
		private, linked bool
	}{
		{"public", "https://api.example.com", false, false},
		{"public address", "https://8.8.4.4", false, false},
		{"loopback", "http://127.0.0.1:3000", true, false},
		{"this machine", "http://localhost", true, false},
		{"private network", "http://10.1.2.3", true, false},
		{"private IPv6", "http://[fd12::1]", true, false},
		{"a name without a dot", "http://new-api:3000", true, false},
		{"a private domain", "https://relay.corp.internal", true, false},
		{"link-local", "http://169.254.1.1", true, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := NewNetwork(http.DefaultTransport, nil, parse(t, test.base), false)
			check := func(addresses []string, allowed bool) {
				for _, address := range addresses {
					err := n.check(parse(t, address))
					if allowed {
						require.NoError(t, err, address)
					} else {
						require.ErrorIs(t, err, ErrAddress, address)
					}
				}
			}
			check(public, true)
			check(private, test.private)
			check(linkLocal[:1], test.linked)
			check(never, false)
			check([]string{"http://2130706433/", "http://0x7f000001/", "http://127.1/", "http://1.2.3.4.08/"}, false)
			check([]string{"http://127.0.0.1./"}, test.private)
			check([]string{"ftp://cdn.example.com/a", "file:///etc/passwd", "http:///a"}, false)
		})
	}
	anywhere := NewNetwork(http.DefaultTransport, nil, parse(t, "https://api.example.com"), true)
	for _, address := range append(private, linkLocal...) {
		require.NoError(t, anywhere.check(parse(t, address)), address)
	}
	require.ErrorIs(t, anywhere.check(parse(t, "ftp://cdn.example.com")), ErrAddress)
}

// A name is checked when it is dialed: no answer of the DNS can lead inside.
func TestNamesAreCheckedWhenTheyAreDialed(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer server.Close()
	inside := func(ctx context.Context, network, _ string) (net.Conn, error) { // resolves every name to the server
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}
	oldInside := func(network, address string) (net.Conn, error) { return inside(context.Background(), network, address) }
	closed := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:1")
	}
	tests := []struct {
		name      string
		transport *http.Transport
		address   string
		base      string
		refused   bool
	}{
		{"the caller's dialer", &http.Transport{DialContext: inside}, "http://cdn.example.com/", "https://api.example.com", true},
		{"a closed port", &http.Transport{DialContext: closed}, "http://cdn.example.com/", "https://api.example.com", true},
		{"TLS", &http.Transport{DialTLSContext: inside}, "https://cdn.example.com/", "https://api.example.com", true},
		{"an old dialer", &http.Transport{Dial: oldInside}, "http://cdn.example.com/", "https://api.example.com", true},
		{"an old dialer with TLS", &http.Transport{DialTLS: oldInside}, "https://cdn.example.com/", "https://api.example.com", true},
		{"an old dialer to the base URL's origin", &http.Transport{Dial: oldInside}, "http://api.example.com/", "http://api.example.com", false},
		{"the base URL's origin", &http.Transport{DialContext: inside}, "http://api.example.com/", "http://api.example.com", false},
		{"its other port", &http.Transport{DialContext: inside}, "http://api.example.com:81/", "http://api.example.com", true},
		{"a relay on loopback", &http.Transport{DialContext: inside}, "http://cdn.example.com/", "http://127.0.0.1", false},
		{"a relay on loopback, net's dialer", &http.Transport{}, server.URL, "http://127.0.0.1", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			asked = 0
			network := NewNetwork(test.transport, nil, parse(t, test.base), false)
			defer network.CloseIdleConnections()
			resp, err := (&http.Client{Transport: network}).Get(test.address)
			if test.refused {
				require.ErrorIs(t, err, ErrAddress)
				require.Zero(t, asked)
				return
			}
			require.NoError(t, err)
			_ = resp.Body.Close()
			require.Equal(t, 1, asked)
		})
	}
}

// beforeDial is what net.Dialer calls where the transport brings none.
func TestAddressesAreCheckedBeforeTheyAreDialed(t *testing.T) {
	n := NewNetwork(&http.Transport{}, nil, parse(t, "https://api.example.com"), false)
	require.ErrorIs(t, n.beforeDial("tcp4", "10.0.0.1:443", nil), ErrAddress)
	require.ErrorIs(t, n.beforeDial("tcp6", "[::1]:443", nil), ErrAddress)
	require.ErrorIs(t, n.beforeDial("tcp4", "nonsense", nil), ErrAddress)
	require.NoError(t, n.beforeDial("tcp4", "8.8.8.8:8443", nil))
	_, err := n.guarded.DialContext(t.Context(), "tcp", "127.0.0.1:1")
	require.ErrorIs(t, err, ErrAddress)
}

func TestAProxyMayBePrivate(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.WriteString(w, "by proxy: "+req.URL.String())
	}))
	defer proxy.Close()
	transport := &http.Transport{Proxy: http.ProxyURL(parse(t, proxy.URL))}
	network := NewNetwork(transport, nil, parse(t, "https://api.example.com"), false)
	defer network.CloseIdleConnections()
	client := &http.Client{Transport: network}
	resp, err := client.Get("http://cdn.example.com/a")
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	_ = resp.Body.Close()
	require.Equal(t, "by proxy: http://cdn.example.com/a", string(body))
	_, err = client.Get("http://10.0.0.1/")
	require.ErrorIs(t, err, ErrAddress, "what the URL shows is refused all the same")
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestAnyOtherTransport(t *testing.T) {
	reached := errors.New("reached")
	network := NewNetwork(transportFunc(func(*http.Request) (*http.Response, error) { return nil, reached }), nil, parse(t, "https://api.example.com"), false)
	network.CloseIdleConnections()
	client := &http.Client{Transport: network}
	_, err := client.Get("http://cdn.example.com/")
	require.ErrorIs(t, err, reached)
	for _, address := range []string{"http://127.0.0.1/", "http://①②⑦.0.0.1/", "http://ｌocalhost/"} {
		_, err = client.Get(address)
		require.ErrorIs(t, err, ErrAddress)
	}
}

// A dialer that is known is not even used for what is refused.
func TestNothingIsDialedThatIsRefused(t *testing.T) {
	accepted := 0
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(net.Conn, http.ConnState) { accepted++ }
	server.Start()
	defer server.Close()
	dialer := &net.Dialer{Resolver: &net.Resolver{}}
	network := NewNetwork(&http.Transport{DialContext: dialer.DialContext}, dialer, parse(t, "https://api.example.com"), false)
	_, err := network.guarded.DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	require.ErrorIs(t, err, ErrAddress)
	require.Zero(t, accepted)
}

// net/http turns HTTP/2 off where a transport brings a dialer of its own, unless it is told.
func TestAGuardedTransportSpeaksHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.WriteString(w, req.Proto)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	plain := new(http.Transport)
	plain.CloseIdleConnections() // sets it up: it offers HTTP/2 from now on
	plain.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	defer plain.CloseIdleConnections()
	network := NewNetwork(plain, nil, parse(t, "http://127.0.0.1:1"), false)
	defer network.CloseIdleConnections()
	for _, transport := range []http.RoundTripper{plain, network} {
		resp, err := (&http.Client{Transport: transport}).Get(server.URL)
		require.NoError(t, err)
		_ = resp.Body.Close()
		require.Equal(t, 2, resp.ProtoMajor)
	}
}
