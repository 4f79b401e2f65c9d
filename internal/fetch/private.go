package fetch

import (
	"net/netip"
	"strings"

	"code.dny.dev/ssrf"
)

var (
	// fakeIPs are for benchmarks of networks (RFC 2544). Proxies that take over a
	// whole machine hand them out for every name, and nothing private is there.
	fakeIPs = prefixes("198.18.0.0/15")

	private4   = prefixes("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
	private6   = prefixes("::1/128", "fc00::/7")
	linkLocal4 = prefixes("169.254.0.0/16")
	linkLocal6 = prefixes("fe80::/10")
)

func prefixes(texts ...string) []netip.Prefix {
	parsed := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		parsed[i] = netip.MustParsePrefix(text)
	}
	return parsed
}

// guardianFor knows which addresses a relay at a host may send us to.
func guardianFor(host string) *ssrf.Guardian {
	allowed4, allowed6 := fakeIPs, []netip.Prefix(nil)
	ip, err := netip.ParseAddr(host)
	linkLocal := err == nil && ip.Unmap().IsLinkLocalUnicast()
	if linkLocal || err == nil && isPrivate(ip) || isThisMachine(host) || isPrivateName(host) {
		allowed4, allowed6 = append(private4, allowed4...), private6
	}
	if linkLocal {
		allowed4, allowed6 = append(linkLocal4, allowed4...), append(linkLocal6, allowed6...)
	}
	return ssrf.New(ssrf.WithAnyNetwork(), ssrf.WithAnyPort(),
		ssrf.WithAllowedV4Prefixes(allowed4...), ssrf.WithAllowedV6Prefixes(allowed6...))
}

func isPrivate(ip netip.Addr) bool {
	ip = ip.Unmap()
	for _, prefix := range append(private4, private6...) {
		if prefix.Contains(ip.WithZone("")) {
			return true
		}
	}
	return false
}

// isThisMachine reports a name that never leaves it (RFC 6761).
func isThisMachine(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// isPrivateName reports a name that the public DNS does not have: one without a
// dot, or below a domain kept for private networks (RFC 6762, RFC 8375, and
// "internal", which ICANN has reserved).
func isPrivateName(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	for _, domain := range []string{".local", ".internal", ".home.arpa"} {
		if strings.HasSuffix(host, domain) {
			return true
		}
	}
	return !strings.Contains(host, ".")
}
