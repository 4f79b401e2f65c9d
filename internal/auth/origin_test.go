package auth_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

func TestOriginOf_Compared(t *testing.T) {
	tests := []struct {
		name, one, other string
		same             bool
	}{
		{"same", "https://a.example.com", "https://a.example.com", true},
		{"paths, queries and fragments", "https://a.example.com/v1", "https://a.example.com/x?y=1#z", true},
		{"default port of https", "https://a.example.com", "https://a.example.com:443/", true},
		{"default port of http", "http://a.example.com", "http://a.example.com:80/", true},
		{"empty port", "https://a.example.com", "https://a.example.com:/", true},
		{"case of the host", "https://a.example.com", "https://A.Example.COM", true},
		{"case of the scheme", "https://a.example.com", "HTTPS://a.example.com", true},
		{"userinfo", "https://a.example.com", "https://user:pass@a.example.com", true},
		{"IPv6", "https://[2001:db8::a]", "https://[2001:DB8::A]:443", true},
		{"same other port", "http://127.0.0.1:8080", "http://127.0.0.1:8080/v1", true},

		{"other port", "https://a.example.com", "https://a.example.com:8443", false},
		{"other port on loopback", "http://127.0.0.1:8080", "http://127.0.0.1:8081", false},
		{"http and https", "https://a.example.com", "http://a.example.com", false},
		{"http on the port of https", "https://a.example.com", "http://a.example.com:443", false},
		{"https on the port of http", "http://a.example.com", "https://a.example.com:80", false},
		{"another scheme", "https://a.example.com", "ftp://a.example.com:443", false},
		{"no scheme", "https://a.example.com", "//a.example.com:443", false},
		{"subdomain", "https://example.com", "https://a.example.com", false},
		{"parent domain", "https://a.example.com", "https://example.com", false},
		{"longer name", "https://a.example.com", "https://a.example.com.evil.test", false},
		{"the name as userinfo", "https://a.example.com", "https://a.example.com@evil.test", false},
		{"the name as a path", "https://a.example.com", "https://evil.test/a.example.com", false},
		{"a name and its address", "http://localhost:8080", "http://127.0.0.1:8080", false},
		{"IPv4 and IPv6", "http://127.0.0.1:8080", "http://[::1]:8080", false},
		{"IPv6 port", "https://[::1]", "https://[::1]:8443", false},
		{"IPv6 zone", "https://[fe80::1%25eth0]", "https://[fe80::1%25eth1]", false},

		{"İ is not i", "https://api.xiexus.cn", "https://api.xİexus.cn", false},
		{"İ is not i, escaped", "https://api.xiexus.cn", "https://api.x%C4%B0exus.cn", false},
		{"the Kelvin sign is not k", "https://kling.example.com", "https://\u212aling.example.com", false},
		{"invalid UTF-8", "https://a\xfe.example.com", "https://a\xff.example.com", false},

		// Probably the same machine, but the key is not needed there.
		{"trailing dot", "https://a.example.com", "https://a.example.com.", false},
		{"zeros before the port", "https://a.example.com", "https://a.example.com:0443", false},
		{"IPv6 in full", "https://[::1]", "https://[0:0:0:0:0:0:0:1]", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.same, originOf(t, tt.one) == originOf(t, tt.other))
			require.Equal(t, tt.same, originOf(t, tt.other) == originOf(t, tt.one))
		})
	}
}

// url.Parse lowers the scheme; a URL made by hand may have another case.
func TestOriginOf_URLMadeByHand(t *testing.T) {
	made := &url.URL{Scheme: "HTTPS", Host: "A.Example.com:443"}
	require.Equal(t, originOf(t, "https://a.example.com"), auth.OriginOf(made))
}
