package xiexus_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// baseURL returns the base URL that [xiexus.New] makes of one.
func baseURL(written string, opts ...xiexus.Option) (string, error) {
	client, err := xiexus.New(append([]xiexus.Option{xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(written)}, opts...)...)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimPrefix(client.String(), "xiexus.Client("), ")"), nil
}

func TestNew_BaseURL(t *testing.T) {
	tests := []struct{ written, want string }{
		{"https://api.xiexus.cn", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn//", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/v1", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/v1/", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/V1", "https://api.xiexus.cn"},
		{"  https://api.xiexus.cn/v1\n", "https://api.xiexus.cn"},
		{"api.xiexus.cn", "https://api.xiexus.cn"},
		{"api.xiexus.cn/v1", "https://api.xiexus.cn"},
		{"HTTPS://api.xiexus.cn", "https://api.xiexus.cn"},
		{"https://relay.example.com:8443/v1", "https://relay.example.com:8443"},
		{"https://example.com/relay/v1/", "https://example.com/relay"},
		{"https://example.com/a/../b/v1", "https://example.com/b"},
		{"https://example.com/apiv1", "https://example.com/apiv1"},
		{"https://example.com/a%2Fb/v1", "https://example.com/a%2Fb"},
		{"http://localhost:3000", "http://localhost:3000"},
		{"localhost:3000/v1", "http://localhost:3000"},
		{"127.0.0.1:3000", "http://127.0.0.1:3000"},
		{"http://127.8.9.1", "http://127.8.9.1"},
		{"http://[::1]:3000/", "http://[::1]:3000"},
		{"http://relay.localhost", "http://relay.localhost"},

		// The URLs of endpoints, as pages show them.
		{"https://api.xiexus.cn/v1/video/generations", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/v1/video/generations/", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/v1/video/generations/{task_id}", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/v1/video/generations/%7Btask_id%7D", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/v1/video/generations/task_123", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/V1/Video/Generations", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/v1/video", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/v1/videos/{id}/content", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/v1/videos/v1/content", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/v1/tasks/task_1/artifacts/video/content", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/v1/models", "https://api.xiexus.cn"},
		{"https://api.xiexus.cn/v1/chat/completions", "https://api.xiexus.cn"},
		{"api.xiexus.cn/v1/video/generations/:task_id", "https://api.xiexus.cn"},
		{"https://example.com/relay/v1/video/generations/<task_id>", "https://example.com/relay"},
		{"https://example.com/v1/account/relay/v1/video/generations", "https://example.com/v1/account/relay"},
		{"https://example.com/v1/account/relay", "https://example.com/v1/account/relay"},
		{"https://example.com/v1/video-relay", "https://example.com/v1/video-relay"},
		{"localhost:3000/v1/video/generations", "http://localhost:3000"},

		// What is around them.
		{`"https://api.xiexus.cn/v1"`, "https://api.xiexus.cn"},
		{"'api.xiexus.cn'", "https://api.xiexus.cn"},
		{"<https://api.xiexus.cn/>,", "https://api.xiexus.cn"},
		{"`https://api.xiexus.cn`;", "https://api.xiexus.cn"},
		{"“https://api.xiexus.cn”。", "https://api.xiexus.cn"},
		{"\ufeffhttps://api.xiexus.cn\u200b", "https://api.xiexus.cn"},
		{"\u3000https://api.xiexus.cn\u00a0", "https://api.xiexus.cn"},
		{"POST https://api.xiexus.cn/v1/video/generations", "https://api.xiexus.cn"},
		{"GET https://api.xiexus.cn/v1/video/generations/{task_id}", "https://api.xiexus.cn"},
	}
	for _, test := range tests {
		t.Run(test.written, func(t *testing.T) {
			got, err := baseURL(test.written)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			require.Equal(t, test.want+"/v1/video/generations/task", requestURL(t, test.written))
		})
	}
}

// requestURL returns the URL of a read, given a base URL.
func requestURL(t *testing.T, base string) (sent string) {
	t.Helper()
	client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
		sent = req.URL.String()
		w.WriteHeader(http.StatusNotFound)
	}, xiexus.WithBaseURL(base))
	_, err := client.Get(t.Context(), "task")
	require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
	return sent
}

func TestNew_InvalidBaseURL(t *testing.T) {
	tests := []struct{ name, written, want string }{
		{"blank", " ", "xiexus: the base URL is empty"},
		{"empty quotes", `""`, "xiexus: the base URL is empty"},
		{"two words", "DELETE https://example.com", "cannot parse the base URL"},
		{"endpoint with a query", "https://example.com/v1/video/generations?a=b", "must not have a query or fragment"},
		{"name with two final dots", "http://localhost..", "clear text"},
		{"number that resolves to loopback", "http://2130706433", "clear text"},
		{"short form of loopback", "http://127.1", "clear text"},
		{"wide digits", "http://１２７.0.0.1", "clear text"},
		{"wide dots", "http://127。0。0。1", "cannot parse the base URL"},
		{"no address in particular", "http://0.0.0.0:3000", "clear text"},
		{"no address in particular, IPv6", "http://[::]:3000", "clear text"},
		{"clear text", "http://api.xiexus.cn", "clear text"},
		{"clear text to a private address", "http://192.168.1.2:3000", "clear text"},
		{"name that only begins like loopback", "http://localhost.example.com", "clear text"},
		{"address that only begins like loopback", "http://127.0.0.1.example.com", "clear text"},
		{"file", "file:///etc/passwd", "has no host"},
		{"another scheme", "ftp://example.com", "must use http or https"},
		{"no host", "https:///v1", "has no host; it should look like https://api.xiexus.cn"},
		{"password", "https://user:pass@example.com", "must not contain a user name or password"},
		{"query", "https://example.com/?a=b", "must not have a query or fragment"},
		{"empty query", "https://example.com/?", "must not have a query or fragment"},
		{"fragment", "https://example.com/#a", "must not have a query or fragment"},
		{"space", "https://exa mple.com", "cannot parse the base URL"},
		{"port that is not a number", "https://example.com:port", "cannot parse the base URL"},
		{"empty port", "https://example.com:", "cannot parse the base URL"},
		{"port too large", "example.com:99999", "cannot parse the base URL"},
		{"one slash", "https:/example.com", "cannot parse the base URL"},
		{"one slash to loopback", "http:/127.0.0.1:1/", "cannot parse the base URL"},
		{"IPv6 address without brackets", "::1", "cannot parse the base URL"},
		{"API key", "https://example.com/" + testKey, "xiexus: the base URL contains the API key"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := baseURL(test.written)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "pass@")
			require.NotContains(t, err.Error(), secret)
		})
	}
}

func TestNew_InsecureHTTP(t *testing.T) {
	got, err := baseURL("http://192.168.1.2:3000/v1", xiexus.WithInsecureHTTP())
	require.NoError(t, err)
	require.Equal(t, "http://192.168.1.2:3000", got)
}

func FuzzNewBaseURL(f *testing.F) {
	for _, seed := range []string{
		"https://api.xiexus.cn/v1/", "localhost:3000", "//", "https://[::1", "http://a%2fb", "a\x00", "https://a/v1/v1", "\x91/.",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		got, err := baseURL(written)
		if err != nil {
			return
		}
		base, err := url.Parse(got)
		require.NoError(t, err)
		require.True(t, base.Scheme == "https" || base.Scheme == "http" && isLoopback(base.Hostname()), got)
		require.NotEmpty(t, base.Hostname())
		require.Nil(t, base.User)
		require.False(t, strings.HasSuffix(got, "/"))

		again, err := baseURL(got)
		require.NoError(t, err, "what was accepted is accepted again")
		reparsed, err := url.Parse(again)
		require.NoError(t, err)
		require.Equal(t, base.Host, reparsed.Host)
	})
}

func isLoopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
}
