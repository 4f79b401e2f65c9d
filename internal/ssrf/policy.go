// Package ssrf prevents requests for untrusted URLs from reaching this machine and its
// private networks (server-side request forgery).
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

// ErrRefused means that the policy forbids a URL, or an address that its host resolves to.
var ErrRefused = errors.New("URL refused")

// Policy decides which URLs may be fetched and which addresses may be dialed.
type Policy struct {
	any     bool     // allows every address
	allowed prefixes // although they are not public
}

// NewPolicy returns the policy for URLs that are received from a host. It allows the
// public internet; this machine and private networks if the host is in one of them;
// link-local addresses if the host is one; and all addresses with allowPrivate.
func NewPolicy(host string, allowPrivate bool) Policy {
	host = normalize(host)
	ip, err := netip.ParseAddr(host)
	ip = ip.Unmap().WithZone("")
	policy := Policy{any: allowPrivate}
	if private.contain(ip) || linkLocal.contain(ip) || err != nil && isPrivateName(host) {
		policy.allowed = append(policy.allowed, private...)
	}
	if linkLocal.contain(ip) {
		policy.allowed = append(policy.allowed, linkLocal...)
	}
	return policy
}

// CheckURL returns [ErrRefused] for a URL that is forbidden regardless of what its host
// resolves to.
func (p Policy) CheckURL(u *url.URL) error {
	host := normalize(u.Hostname())
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%w: unsupported scheme %q, want http or https", ErrRefused, u.Scheme)
	case host == "":
		return fmt.Errorf("%w: no host", ErrRefused)
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case err == nil:
		return p.checkIP(ip)
	case IsLoopback(host):
		return p.checkIP(netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	case !p.any && isNumber(host):
		return fmt.Errorf("%w: host %q is a number, not a name or an IP address", ErrRefused, host)
	}
	return nil
}

// Control checks a resolved address right before it is dialed. It is meant for
// [net.Dialer.Control].
func (p Policy) Control(_, address string, _ syscall.RawConn) error {
	resolved, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return p.checkIP(resolved.Addr())
}

func (p Policy) checkIP(ip netip.Addr) error {
	if ip = ip.Unmap(); nat64.contain(ip) {
		wide := ip.As16()
		ip = netip.AddrFrom4([4]byte(wide[12:]))
	}
	if p.any || isPublic(ip) || p.allowed.contain(ip) {
		return nil
	}
	return fmt.Errorf("%w: %s is a private or reserved address; use WithPrivateAddresses to allow it", ErrRefused, ip)
}

// isPublic reports whether an address is on the public internet. An address with a zone
// is in no prefix, and not public.
func isPublic(ip netip.Addr) bool {
	if ip.Is4() {
		return !special4.contain(ip)
	}
	return global6.contain(ip) && !special6.contain(ip)
}

func normalize(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// IsLoopback reports whether a host is this machine: a loopback address, or a name that
// always has one (RFC 6761).
func IsLoopback(host string) bool {
	host = normalize(host)
	ip, _ := netip.ParseAddr(host)
	return ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
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

// isNumber reports whether a host, which is not in the usual notation of an IP address,
// ends in a number: some resolvers accept 2130706433, 0x7f000001 or 127.1 as addresses.
func isNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil || last != "" && strings.Trim(last, "0123456789") == ""
}
