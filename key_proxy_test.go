package xiexus_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// TestKey_IsNotSentToProxies makes every call through a proxy: a proxy is requested to open
// a tunnel, and sees nothing of what is in it; plain http does not use the proxy.
func TestKey_IsNotSentToProxies(t *testing.T) {
	config := certificate(t)
	tests := []struct {
		name, base, proxy string
		tunnel            bool
	}{
		{"http proxy", named, "http://proxy.test:3128", true},
		{"https proxy", named, "https://proxy.test", true},
		{"proxy with a password", named, "http://user:pass@proxy.test:3128", true},
		{"proxy with the name of the relay", named, "http://relay.example.com", true},
		{"relay with a port", withPort, "http://proxy.test:3128", true},
		{"plain http, address", loopback, "http://proxy.test:3128", false},
		{"plain http, name", local, "http://proxy.test:3128", false},
		{"plain http, IPv6", ipv6, "https://proxy.test", false},
		{"plain http, proxy on another port of the relay", loopback, "http://127.0.0.1:3128", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := newWire(config, nil)
				defer network.close()
				home := endpointOf(t, network, test.base)
				proxy, err := url.Parse(test.proxy)
				require.NoError(t, err)
				network.Proxy = http.ProxyURL(proxy)
				client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(test.base), xiexus.WithMaxRetries(0),
					xiexus.WithHTTPClient(&http.Client{Transport: &network.Transport}))
				require.NoError(t, err)
				defer client.CloseIdleConnections()
				network.respond = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }
				calls := keyCallsAndDownload()
				for name, call := range calls {
					call(t.Context(), client)
					client.CloseIdleConnections() // the next call needs another tunnel
					requireTunnel(t, network.take(), home, test.tunnel, name)
				}
			})
		})
	}
}

// requireTunnel checks that the relay, and nobody else, received the key, through a tunnel
// or not.
func requireTunnel(t *testing.T, arrived []arrival, home endpoint, tunnel bool, call string) {
	t.Helper()
	var want []bool
	for _, a := range arrived {
		isConnect := a.method == http.MethodConnect
		require.True(t, tunnel || !isConnect, call)
		want = append(want, !isConnect)
	}
	require.Contains(t, want, true, call)
	require.Equal(t, tunnel, strings.HasPrefix(arrived[0].dump, http.MethodConnect+" "), call)
	requireKeyStays(t, home, arrived, want, call)
}
