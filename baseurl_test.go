package xiexus

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBaseURLIsTakenAsPeopleWriteIt(t *testing.T) {
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
		{"https://example.com/apiv1", "https://example.com/apiv1"},
		{"https://example.com/a%2Fb/v1", "https://example.com/a%2Fb"},
		{"http://localhost:3000", "http://localhost:3000"},
		{"localhost:3000/v1", "http://localhost:3000"},
		{"127.0.0.1:3000", "http://127.0.0.1:3000"},
		{"http://127.8.9.1", "http://127.8.9.1"},
		{"http://[::1]:3000/", "http://[::1]:3000"},
		{"http://relay.localhost", "http://relay.localhost"},
	}
	for _, test := range tests {
		t.Run(test.written, func(t *testing.T) {
			base, err := parseBaseURL(test.written, false)
			require.NoError(t, err)
			require.Equal(t, test.want, base.String())
			require.True(t, base.Path == "" || base.Path[0] == '/', "the path as it is sent: %q", base.Path)
		})
	}
}

func TestBaseURLRefusals(t *testing.T) {
	tests := []struct{ name, written, says string }{
		{"empty", " ", "empty"},
		{"clear text", "http://api.xiexus.cn", "clear text"},
		{"clear text to a private address", "http://192.168.1.2:3000", "clear text"},
		{"a name that only begins like loopback", "http://localhost.example.com", "clear text"},
		{"an address that only begins like loopback", "http://127.0.0.1.example.com", "clear text"},
		{"a file", "file:///etc/passwd", "no host"},
		{"another scheme", "ftp://example.com", "not http"},
		{"no host", "https:///v1", "no host"},
		{"a password", "https://user:pass@example.com", "user name or password"},
		{"a query", "https://example.com/?a=b", "query"},
		{"a fragment", "https://example.com/#a", "fragment"},
		{"nonsense", "https://exa mple.com", "cannot be parsed"},
		{"a bad port", "https://example.com:port", "cannot be parsed"},
		{"a port too large", "example.com:99999", "cannot be parsed"},
		{"one slash", "https:/example.com", "cannot be parsed"},
		{"one slash to loopback", "http:/127.0.0.1:1/", "cannot be parsed"},
		{"an IPv6 address without brackets", "::1", "cannot be parsed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseBaseURL(test.written, false)
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), "pass@")
		})
	}
	base, err := parseBaseURL("http://192.168.1.2:3000/v1", true)
	require.NoError(t, err)
	require.Equal(t, "http://192.168.1.2:3000", base.String())
}

func FuzzParseBaseURL(f *testing.F) {
	for _, seed := range []string{"https://api.xiexus.cn/v1/", "localhost:3000", "//", "https://[::1", "http://a%2fb", "a\x00", "https://a/v1/v1", "\x91/."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		base, err := parseBaseURL(written, false)
		if err != nil {
			return
		}
		require.True(t, base.Scheme == "https" || base.Scheme == "http" && isLoopback(base.Hostname()))
		require.NotEmpty(t, base.Hostname())
		require.Nil(t, base.User)
		require.False(t, strings.HasSuffix(base.EscapedPath(), "/"))

		again, err := parseBaseURL(base.String(), false)
		require.NoError(t, err, "what comes out can go in")
		require.Equal(t, base.Host, again.Host)
	})
}
