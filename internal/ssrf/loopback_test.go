package ssrf

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// conn is a connection to an address.
type conn struct {
	net.Conn
	peer   net.Addr
	closed bool
}

func (c *conn) RemoteAddr() net.Addr { return c.peer }

func (c *conn) Close() error {
	c.closed = true
	return nil
}

func TestLoopbackOnly_ChecksThePeer(t *testing.T) {
	tcp := func(ip string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: 80} }
	tests := []struct {
		name string
		peer net.Addr
		want bool
	}{
		{"loopback", tcp("127.0.0.1"), true},
		{"all of it", tcp("127.9.9.9"), true},
		{"IPv6", tcp("::1"), true},
		{"an IPv4-mapped address", tcp("::ffff:127.0.0.1"), true},
		{"a tunnel", tcp("0.0.0.0"), true},
		{"a socket in the file system", &net.UnixAddr{Name: "/run/relay.sock"}, true},
		{"a public address", tcp("203.0.113.7"), false},
		{"a private address", tcp("192.168.1.1"), false},
		{"link-local", tcp("fe80::1"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dialed := &conn{peer: test.peer}
			for name, transport := range map[string]*http.Transport{
				"context": {DialContext: func(context.Context, string, string) (net.Conn, error) { return dialed, nil }},
				"old":     {Dial: func(string, string) (net.Conn, error) { return dialed, nil }},
			} {
				dialed.closed = false
				_, err := LoopbackOnly(transport).DialContext(t.Context(), "tcp", "relay.localhost:80")
				if test.want {
					require.NoError(t, err, name)
				} else {
					require.ErrorIs(t, err, ErrRefused, name)
				}
				require.Equal(t, !test.want, dialed.closed, name)
			}
		})
	}
}

func TestLoopbackOnly_ReturnsErrorsOfTheDialer(t *testing.T) {
	refused := errors.New("connection refused")
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, refused }}
	_, err := LoopbackOnly(transport).DialContext(t.Context(), "tcp", "localhost:80")
	require.ErrorIs(t, err, refused)
}

func TestLoopbackOnly_UsesNoProxy(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	transport := &http.Transport{Proxy: http.ProxyURL(parse(t, "http://proxy.example.com")), MaxIdleConnsPerHost: 7}
	local := LoopbackOnly(transport)
	defer local.CloseIdleConnections()
	require.Equal(t, 7, local.MaxIdleConnsPerHost)
	require.NotNil(t, transport.Proxy, "the original is not changed")
	resp, err := (&http.Client{Transport: local}).Get(server.URL)
	require.NoError(t, err)
	_ = resp.Body.Close()
}
