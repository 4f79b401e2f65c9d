package ssrf

import (
	"net/netip"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, rawURL string) *url.URL {
	u, err := url.Parse(rawURL)
	require.NoError(t, err)
	return u
}

var (
	publicURLs  = []string{"https://cdn.example.com/a", "http://8.8.8.8/a", "http://[2606:4700::1]/", "http://198.18.0.1/", "http://[64:ff9b::808:808]/"}
	privateURLs = []string{
		"http://127.0.0.1/", "http://127.9.9.9:80/", "http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://10.0.0.1/",
		"http://172.31.0.1/", "http://192.168.1.1/", "http://100.64.0.1/", "http://[::1]/", "http://[fd00::1]/", "http://[::ffff:127.0.0.1]/",
		"http://[64:ff9b::7f00:1]/", "http://127.0.0.1./",
	}
	linkLocalURLs = []string{"http://169.254.169.254/latest/meta-data", "http://[fe80::1]/"}
	zonedURLs     = []string{"http://[fe80::1%25eth0]/", "http://[2606:4700::1%25eth0]/"}
	reservedURLs  = []string{"http://0.0.0.0/", "http://[::]/", "http://224.0.0.1/", "http://255.255.255.255/"}
	numberURLs    = []string{"http://2130706433/", "http://0x7f000001/", "http://127.1/", "http://1.2.3.4.08/"}
	malformedURLs = []string{"ftp://cdn.example.com/a", "file:///etc/passwd", "http:///a", "http://./"}
)

func TestPolicy_CheckURL(t *testing.T) {
	tests := []struct {
		name, host         string
		private, linkLocal bool
	}{
		{"public name", "api.example.com", false, false},
		{"public address", "8.8.4.4", false, false},
		{"public IPv6 address", "2606:4700::1", false, false},
		{"loopback", "127.0.0.1", true, false},
		{"this machine", "localhost", true, false},
		{"a name of this machine", "relay.LOCALHOST.", true, false},
		{"private network", "10.1.2.3", true, false},
		{"private IPv6", "fd12::1", true, false},
		{"a name without a dot", "new-api", true, false},
		{"a private domain", "relay.corp.internal", true, false},
		{"a local domain", "relay.local", true, false},
		{"a home domain", "relay.home.arpa", true, false},
		{"link-local", "169.254.1.1", true, true},
		{"link-local IPv6", "fe80::2%eth0", true, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			policy := NewPolicy(test.host, false)
			check := func(urls []string, allowed bool) {
				for _, rawURL := range urls {
					err := policy.CheckURL(parse(t, rawURL))
					if allowed {
						require.NoError(t, err, rawURL)
					} else {
						require.ErrorIs(t, err, ErrRefused, rawURL)
					}
				}
			}
			check(publicURLs, true)
			check(privateURLs, test.private)
			check(linkLocalURLs, test.linkLocal)
			for _, urls := range [][]string{zonedURLs, reservedURLs, numberURLs, malformedURLs} {
				check(urls, false)
			}
		})
	}
}

func TestPolicy_AllowsAll(t *testing.T) {
	policy := NewPolicy("api.example.com", true)
	for _, urls := range [][]string{publicURLs, privateURLs, linkLocalURLs, zonedURLs, reservedURLs, numberURLs} {
		for _, rawURL := range urls {
			require.NoError(t, policy.CheckURL(parse(t, rawURL)), rawURL)
		}
	}
	for _, rawURL := range malformedURLs {
		require.ErrorIs(t, policy.CheckURL(parse(t, rawURL)), ErrRefused, rawURL)
	}
}

// specialBlocks are the first and the last address of each block, and its public neighbors.
var specialBlocks = []struct{ name, before, first, last, after string }{
	{"this network", "", "0.0.0.0", "0.255.255.255", "1.0.0.0"},
	{"private use, class A", "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
	{"shared address space", "100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
	{"loopback", "126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
	{"link-local", "169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
	{"private use, class B", "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
	{"IETF protocol assignments", "191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
	{"documentation 1", "192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
	{"AS112 by DNAME", "192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0"},
	{"AMT", "192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0"},
	{"6to4 relays", "192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
	{"private use, class C", "192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
	{"AS112", "192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0"},
	{"documentation 2", "198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
	{"documentation 3", "203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
	{"multicast", "223.255.255.255", "224.0.0.0", "239.255.255.255", ""},
	{"reserved", "", "240.0.0.0", "255.255.255.255", ""},
	{"below global unicast", "", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"},
	{"above global unicast", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
	{"NAT64 for local use", "", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", ""},
	{"discard-only", "", "100::", "100::ffff:ffff:ffff:ffff", ""},
	{"segment routing", "", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
	{"unique local", "", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
	{"link-local, IPv6", "", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
	{"multicast IPv6", "", "ff00::", "ff0e::1", ""},
	{"IETF protocol assignments, IPv6", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
	{"Teredo", "", "2001::1", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", ""},
	{"benchmarking, IPv6", "", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", ""},
	{"ORCHID", "", "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", ""},
	{"ORCHIDv2", "", "2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", ""},
	{"documentation, IPv6", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
	{"6to4", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
	{"AS112, IPv6", "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::"},
	{"documentation 2, IPv6", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
}

func TestPolicy_RefusesSpecialPurposeBlocks(t *testing.T) {
	policy := NewPolicy("api.example.com", false)
	for _, test := range specialBlocks {
		t.Run(test.name, func(t *testing.T) {
			for _, special := range []string{test.first, test.last} {
				require.ErrorIs(t, policy.checkIP(netip.MustParseAddr(special)), ErrRefused, special)
			}
			for _, neighbor := range []string{test.before, test.after} {
				if neighbor != "" {
					require.NoError(t, policy.checkIP(netip.MustParseAddr(neighbor)), neighbor)
				}
			}
		})
	}
}

func TestPolicy_Control(t *testing.T) {
	policy := NewPolicy("api.example.com", false)
	for address, allowed := range map[string]bool{
		"10.0.0.1:443": false, "[::1]:443": false, "[fe80::1%eth0]:80": false, "nonsense": false, "8.8.8.8:8443": true, "[2606:4700::1]:443": true,
	} {
		err := policy.Control("tcp", address, nil)
		if allowed {
			require.NoError(t, err, address)
		} else {
			require.ErrorIs(t, err, ErrRefused, address)
		}
	}
}
