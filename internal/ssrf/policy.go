// Package ssrf keeps requests for URLs that come from elsewhere away from what only
// this machine can reach (server-side request forgery).
package ssrf

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// ErrRefused is a URL, or an address that its host resolves to, which the policy forbids.
var ErrRefused = errors.New("the URL may not be fetched")

// Policy says which URLs may be fetched and which addresses may be dialled.
type Policy struct {
	any     bool           // allows every address
	allowed []netip.Prefix // although they are special
}

// NewPolicy returns the policy for URLs that are received from a host. It allows the
// public internet, and private networks and this machine too where the host is there
// itself, link-local addresses where its own is one, and all addresses with allowPrivate.
func NewPolicy(host string, allowPrivate bool) Policy {
	host = normalize(host)
	ip, err := netip.ParseAddr(host)
	ip = ip.Unmap().WithZone("")
	policy := Policy{any: allowPrivate}
	if contains(private, ip) || contains(linkLocal, ip) || err != nil && isPrivateName(host) {
		policy.allowed = append(policy.allowed, private...)
	}
	if contains(linkLocal, ip) {
		policy.allowed = append(policy.allowed, linkLocal...)
	}
	return policy
}

// CheckURL returns [ErrRefused] for a URL that cannot be allowed whatever its host
// resolves to.
func (p Policy) CheckURL(u *url.URL) error {
	host := normalize(u.Hostname())
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%w: %q is not http or https", ErrRefused, u.Scheme)
	case host == "":
		return fmt.Errorf("%w: it has no host", ErrRefused)
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case err == nil:
		return p.checkIP(ip)
	case isLocalhost(host):
		return p.checkIP(netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	case !p.any && isNumber(host):
		return fmt.Errorf("%w: the host %q is a number", ErrRefused, host)
	}
	return nil
}

// Control checks an address as it was resolved, right before it is dialled. It is meant
// for [net.Dialer.Control].
func (p Policy) Control(_, address string, _ syscall.RawConn) error {
	resolved, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return p.checkIP(resolved.Addr())
}

func (p Policy) checkIP(ip netip.Addr) error {
	if ip = ip.Unmap(); nat64.Contains(ip) {
		wide := ip.As16()
		ip = netip.AddrFrom4([4]byte(wide[12:]))
	}
	if p.any || isPublic(ip) || contains(p.allowed, ip) {
		return nil
	}
	return fmt.Errorf("%w: %s is in a private network or reserved (WithPrivateAddresses allows it)", ErrRefused, ip)
}

// isPublic reports whether an address is on the public internet. One with a zone is
// in no prefix, and not public.
func isPublic(ip netip.Addr) bool {
	if ip.Is4() {
		return !contains(special4, ip)
	}
	return global6.Contains(ip) && !contains(special6, ip)
}

func normalize(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// isLocalhost reports whether a name always is this machine (RFC 6761).
func isLocalhost(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// isPrivateName reports whether a name is not in the public DNS: it has no dot, or is
// below a domain for private networks (RFC 6761, RFC 6762, RFC 8375, and "internal",
// which ICANN has reserved).
func isPrivateName(host string) bool {
	for _, domain := range []string{".localhost", ".local", ".internal", ".home.arpa"} {
		if strings.HasSuffix(host, domain) {
			return true
		}
	}
	return !strings.Contains(host, ".")
}

// isNumber reports whether a host ends in a number and yet is not written as an
// address is: some resolvers take 2130706433, 0x7f000001 or 127.1 for one.
func isNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil || last != "" && strings.Trim(last, "0123456789") == ""
}
