package xiexus_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// clearTextHosts are ways to write this machine.
var clearTextHosts = []string{
	"localhost", "LOCALHOST", "localhost.", "LocalHost.", "relay.localhost", "RELAY.LOCALHOST.", "127.0.0.1", "127.0.0.1.",
	"127.255.0.9", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::FFFF:7F00:1]", "[::1%25lo]",
}

// proxied returns a transport that dials a relay whatever the address, but would send all
// requests to a proxy.
func proxied(t *testing.T, relay *httptest.Server, proxy http.HandlerFunc) *http.Transport {
	t.Helper()
	proxyServer := httptest.NewServer(proxy)
	t.Cleanup(proxyServer.Close)
	proxyURL, err := url.Parse(proxyServer.URL)
	require.NoError(t, err)
	return &http.Transport{
		Proxy: http.ProxyURL(proxyURL),
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if address != proxyURL.Host {
				address = relay.Listener.Addr().String()
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
}

func TestClient_ClearTextIsNotSentToAProxy(t *testing.T) {
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"task_id":"task","status":"completed"}`)
	}))
	defer relay.Close()
	for _, host := range clearTextHosts {
		t.Run(host, func(t *testing.T) {
			var seen atomic.Int32
			network := proxied(t, relay, func(http.ResponseWriter, *http.Request) { seen.Add(1) })
			client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL("http://"+host+":3000"),
				xiexus.WithHTTPClient(&http.Client{Transport: network}))
			require.NoError(t, err)
			defer client.CloseIdleConnections()
			task, err := client.Get(t.Context(), "task")
			require.NoError(t, err)
			require.Equal(t, xiexus.StatusCompleted, task.Status)
			_, err = client.Download(t.Context(), task, io.Discard)
			require.Error(t, err, "this relay has no video")
			require.Zero(t, seen.Load())
			require.NotNil(t, network.Proxy, "the caller's transport is not changed")
		})
	}
}

func TestClient_WithInsecureHTTPUsesTheProxy(t *testing.T) {
	var seen atomic.Int32
	network := proxied(t, httptest.NewUnstartedServer(nil), func(w http.ResponseWriter, _ *http.Request) {
		seen.Add(1)
		_, _ = io.WriteString(w, `{"task_id":"task","status":"completed"}`)
	})
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL("http://relay.example.com"), xiexus.WithInsecureHTTP(),
		xiexus.WithHTTPClient(&http.Client{Transport: network}))
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	_, err = client.Get(t.Context(), "task")
	require.NoError(t, err)
	require.EqualValues(t, 1, seen.Load())
}

// farAway is a connection to a host that is not this machine, whatever its name says.
type farAway struct {
	net.Conn
	written atomic.Int32
}

func (*farAway) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(203, 0, 113, 7), Port: 80} }

func (f *farAway) Write(p []byte) (int, error) {
	f.written.Add(1)
	return f.Conn.Write(p)
}

func TestClient_ClearTextIsNotSentToAnotherMachine(t *testing.T) {
	var dials int
	near, far := net.Pipe()
	defer func() { _ = far.Close() }()
	conn := &farAway{Conn: near}
	network := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		dials++
		return conn, nil
	}}
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL("http://relay.localhost"),
		xiexus.WithHTTPClient(&http.Client{Transport: network}))
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	_, err = client.Get(t.Context(), "task")
	require.ErrorIs(t, err, xiexus.ErrAddressRefused)
	require.ErrorContains(t, err, "203.0.113.7")
	require.ErrorContains(t, err, "WithInsecureHTTP")
	_, err = client.Create(t.Context(), pianoCat)
	require.ErrorIs(t, err, xiexus.ErrAddressRefused)
	requireUncertain(t, false, err)
	require.Zero(t, conn.written.Load())
	require.Equal(t, 2, dials, "without retries")
}

func TestNew_WritesThisMachineInOneWay(t *testing.T) {
	for _, host := range clearTextHosts {
		if strings.HasPrefix(host, "[") {
			continue // an address is as it is
		}
		want := "http://" + strings.TrimSuffix(strings.ToLower(host), ".")
		for written, want := range map[string]string{"http://" + host: want, host + ":3000": want + ":3000", "http://" + host + ":3000/v1": want + ":3000"} {
			got, err := baseURL(written)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
}
