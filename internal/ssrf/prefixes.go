package ssrf

import (
	"net/netip"
	"slices"
)

// special4 is what is not on the public IPv4 internet, by IANA's registries of
// special-purpose and of multicast addresses. 198.18.0.0/15 (benchmarking, RFC 2544)
// is left out on purpose: proxies that capture all traffic of a machine resolve
// every name to it ("fake IP"), and nothing private is there.
var special4 = prefixes{
	"0.0.0.0/8",       // this network (RFC 791)
	"10.0.0.0/8",      // private use (RFC 1918)
	"100.64.0.0/10",   // shared address space of carriers (RFC 6598)
	"127.0.0.0/8",     // loopback (RFC 1122)
	"169.254.0.0/16",  // link-local, and the metadata of clouds (RFC 3927)
	"172.16.0.0/12",   // private use (RFC 1918)
	"192.0.0.0/24",    // IETF protocol assignments (RFC 6890)
	"192.0.2.0/24",    // documentation (RFC 5737)
	"192.31.196.0/24", // AS112 (RFC 7535)
	"192.52.193.0/24", // automatic multicast tunneling (RFC 7450)
	"192.88.99.0/24",  // 6to4 relays, deprecated (RFC 7526)
	"192.168.0.0/16",  // private use (RFC 1918)
	"192.175.48.0/24", // AS112 (RFC 7534)
	"198.51.100.0/24", // documentation (RFC 5737)
	"203.0.113.0/24",  // documentation (RFC 5737)
	"224.0.0.0/4",     // multicast (RFC 5771)
	"240.0.0.0/4",     // reserved, and broadcast (RFC 1112, RFC 919)
}

// global6 is all that is assigned for the public IPv6 internet (RFC 4291). Outside
// are, among others, loopback and IPv4-mapped addresses (::/8, RFC 4291), NAT64 for
// local use (64:ff9b:1::/48, RFC 8215), discard-only and dummy addresses (100::/63,
// RFC 6666, RFC 9780), segment routing (5f00::/16, RFC 9602), unique local (fc00::/7,
// RFC 4193), link-local (fe80::/10, RFC 4291) and multicast addresses (ff00::/8, RFC 4291).
var global6 = prefixes{"2000::/3"}

// special6 is what is not on the public internet inside global6.
var special6 = prefixes{
	// IETF protocol assignments (RFC 2928), which include Teredo (2001::/32, RFC 4380),
	// benchmarking (2001:2::/48, RFC 5180), AMT (2001:3::/32, RFC 7450), AS112
	// (2001:4:112::/48, RFC 7535), ORCHID (2001:10::/28, RFC 4843), ORCHIDv2
	// (2001:20::/28, RFC 7343) and drones (2001:30::/28, RFC 9374).
	"2001::/23",
	"2001:db8::/32",     // documentation (RFC 3849)
	"2002::/16",         // 6to4 (RFC 3056)
	"2620:4f:8000::/48", // AS112 (RFC 7534)
	"3fff::/20",         // documentation (RFC 9637)
}

// nat64 is where networks with IPv6 only reach the IPv4 internet (RFC 6052). Such an
// address is judged by the IPv4 address in it.
var nat64 = prefixes{"64:ff9b::/96"}

// The special addresses that may be dialed if the base URL's host is one of them.
var (
	private   = prefixes{"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7"}
	linkLocal = prefixes{"169.254.0.0/16", "fe80::/10"}
)

// prefixes are written as text and parsed when they are needed, which is once for each
// connection: programs that download nothing have nothing to initialize.
type prefixes []string

func (p prefixes) contain(ip netip.Addr) bool {
	return slices.ContainsFunc(p, func(prefix string) bool { return netip.MustParsePrefix(prefix).Contains(ip) })
}
