package cli

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// startProxy starts a proxy in front of a relay and of the server of its video. Neither
// can be reached without it.
func startProxy(t *testing.T) (url string, requests *atomic.Int64) {
	relay, cdn := xiexustest.StartRelay(xiexustest.WithAPIKey(testKey)), xiexustest.NewCDN()
	relay.Add("done", xiexustest.Completes(0, "http://cdn.example.com/v.mp4", xiexustest.Stored))
	cdn.Put("/v.mp4", xiexustest.Delivery{})
	requests = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		requests.Add(1)
		if req.URL.Host == "cdn.example.com" {
			cdn.ServeHTTP(w, req)
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		relay.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy", "REQUEST_METHOD"} {
		t.Setenv(name, "")
	}
	t.Setenv(xiexus.EnvAPIKey, testKey)
	t.Setenv(xiexus.EnvBaseURL, "http://relay.example.com")
	return server.URL, requests
}

func TestProxy_AllProxyIsUsed(t *testing.T) {
	proxy, requests := startProxy(t)
	refused := "http://127.0.0.1:1"
	tests := map[string][]string{
		"capitals":                       {"ALL_PROXY=" + proxy},
		"small letters":                  {"all_proxy=" + proxy},
		"without a scheme":               {"ALL_PROXY=" + proxy[len("http://"):]},
		"a proxy for HTTP comes first":   {"HTTP_PROXY=" + proxy, "ALL_PROXY=" + refused},
		"nothing left for a wrong one":   {"HTTP_PROXY=" + proxy, "HTTPS_PROXY=" + proxy, "ALL_PROXY=socks4://x"},
		"also if it is in small letters": {"http_proxy=" + proxy, "ALL_PROXY=" + refused},
	}
	for name, env := range tests {
		t.Run(name, func(t *testing.T) {
			requests.Store(0)
			file := filepath.Join(t.TempDir(), "v.mp4")
			got := runProcess(t, env, "download", "done", "-O", file, "--insecure-http", "--max-retries", "0", "--max-wait", "2s")
			require.Equal(t, 0, got.code, got.err)
			require.EqualValues(t, 2, requests.Load(), "the task and the video")
			require.FileExists(t, file)
		})
	}
}

func TestProxy_NoProxyAndLoopback(t *testing.T) {
	proxy, requests := startProxy(t)
	got := runProcess(t, []string{"ALL_PROXY=" + proxy, "NO_PROXY=127.0.0.2"}, "get", "done", "--insecure-http", "--max-retries", "0", "--base-url", "http://127.0.0.2:1")
	require.Equal(t, exitUnavailable, got.code)
	require.Contains(t, got.err, "refused")
	require.Zero(t, requests.Load())
}

// A proxy opens a tunnel to a relay, and is not used for a relay on this machine.
func TestProxy_SeesNoKey(t *testing.T) {
	startProxy(t)
	var lock sync.Mutex
	var received []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		dump, _ := httputil.DumpRequest(req, true)
		lock.Lock()
		defer lock.Unlock()
		received = append(received, string(dump))
		http.Error(w, "no tunnel", http.StatusBadGateway)
	}))
	defer proxy.Close()
	proxies := []string{"HTTP_PROXY=" + proxy.URL, "HTTPS_PROXY=" + proxy.URL, "ALL_PROXY=" + proxy.URL}
	for base, tunnels := range map[string]int{
		"https://relay.example.com": 1, "http://relay.localhost:1": 0, "http://[::1]:1": 0,
	} {
		for _, args := range [][]string{{"get", "x"}, {"models"}, {"create", "-m", "m", "-p", "p"}} {
			got := runProcess(t, proxies, append(args, "--base-url", base, "--max-retries", "0")...)
			require.NotZero(t, got.code, args)
			lock.Lock()
			requests := received
			received = nil
			lock.Unlock()
			require.Len(t, requests, tunnels, "%s %s", base, args)
			for _, request := range requests {
				require.True(t, strings.HasPrefix(request, "CONNECT relay.example.com:443 "), request)
				require.NotContains(t, request, testKey[3:])
				require.NotContains(t, request, "Authorization")
			}
		}
	}
}

func TestProxy_UnusableOnesAreUsageErrors(t *testing.T) {
	startProxy(t)
	for proxy, want := range map[string]string{
		"socks4://127.0.0.1:1": `ALL_PROXY: unsupported proxy scheme "socks4"; use http, https or socks5`,
		"http://user:s3cret@":  "ALL_PROXY: cannot parse the URL of the proxy",
		"://s3cret":            "ALL_PROXY: cannot parse the URL of the proxy",
	} {
		require.Equal(t, result{exitUsage, "", "xiexus: " + want + "\n"}, runProcess(t, []string{"ALL_PROXY=" + proxy}, "get", "done"))
	}
}

func TestKnownProxy(t *testing.T) {
	for raw, want := range map[string]string{
		"127.0.0.1:1080": "http://127.0.0.1:1080", "socks://127.0.0.1:1080/": "socks5://127.0.0.1:1080/",
		"socks5h://u:p@proxy:1080": "socks5h://u:p@proxy:1080", "HTTPS://proxy": "https://proxy",
	} {
		got, err := knownProxy(raw)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestProxy_WhatItReportsIsSafeToPrint(t *testing.T) {
	startProxy(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, "HTTP/1.1 407 \x1b]52;c;aGk=\x07 \u202eden\u2066ied\r\nContent-Length: 0\r\n\r\n")
			_ = conn.Close()
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		served.Wait()
	})
	for _, flag := range []string{"--quiet", "--verbose", "--output=table"} {
		for _, command := range []string{"get", "wait"} {
			var got result
			for maxWait := time.Second; maxWait < time.Minute && !strings.Contains(got.err, "]52;"); maxWait *= 4 { // a busy machine is slow
				args := []string{command, "x", flag, "--base-url", "https://relay.example.com", "--max-retries", "0"}
				if command == "wait" {
					args = append(args, "--max-wait", maxWait.String())
				}
				got = runProcess(t, []string{"ALL_PROXY=http://" + listener.Addr().String()}, args...)
			}
			require.NotEqual(t, 0, got.code)
			require.Contains(t, got.err, "]52;c;aGk=")
			require.NotRegexp(t, `[^\PC\n]`, got.out+got.err)
		}
	}
}
