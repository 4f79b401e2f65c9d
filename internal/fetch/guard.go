package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"code.dny.dev/ssrf"
	"github.com/xiexus/xiexus-go/internal/auth"
)

// ErrAddress is an address that is not asked.
var ErrAddress = errors.New("the video's address is refused")

// Network sends requests to where a relay says that a video is. Such an address
// is foreign input: except for the base URL's own origin it must not lead into
// the private networks that this machine can see.
type Network struct {
	home    auth.Origin
	safe    *ssrf.Guardian // nil allows every address
	network http.RoundTripper
	guarded *http.Transport // network, with addresses checked when they are dialed; nil where that cannot be
}

// NewNetwork returns a Network over network. Addresses of this machine and of
// private networks are allowed if base is one itself, and all if anywhere is set.
//
// Where network is an http.Transport, each address is checked after its name is
// resolved: before anything is dialed if dialer is what network dials with, and
// before anything is sent if that is not known, and dialer nil. Behind a proxy, and
// with any other RoundTripper, only the URL is seen.
func NewNetwork(network http.RoundTripper, dialer *net.Dialer, base *url.URL, anywhere bool) *Network {
	n := &Network{home: auth.OriginOf(base), network: network}
	if anywhere {
		return n
	}
	n.safe = guardianFor(base.Hostname())
	if transport, ok := network.(*http.Transport); ok {
		n.guarded = n.guard(transport, dialer)
	}
	return n
}

// RoundTrip sends req if it may go where it leads.
func (n *Network) RoundTrip(req *http.Request) (*http.Response, error) {
	if auth.OriginOf(req.URL) == n.home {
		return n.network.RoundTrip(req)
	}
	if err := n.check(req.URL); err != nil {
		return nil, err
	}
	if n.guarded != nil && !proxied(n.guarded, req) {
		return n.guarded.RoundTrip(req)
	}
	if n.safe != nil && !isASCII(req.URL.Host) { // others may see an address in it
		return nil, fmt.Errorf("%w: the host %q is not ASCII", ErrAddress, req.URL.Host)
	}
	return n.network.RoundTrip(req)
}

// CloseIdleConnections closes what is kept open for later requests.
func (n *Network) CloseIdleConnections() {
	if closer, ok := n.network.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
	if n.guarded != nil {
		n.guarded.CloseIdleConnections()
	}
}

// check refuses what can be seen of an address without asking for it.
func (n *Network) check(address *url.URL) error {
	host := strings.TrimSuffix(address.Hostname(), ".")
	switch {
	case address.Scheme != "http" && address.Scheme != "https":
		return fmt.Errorf("%w: %q is not http or https", ErrAddress, address.Scheme)
	case host == "":
		return fmt.Errorf("%w: it has no host", ErrAddress)
	case n.safe == nil:
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return n.checkIP(ip)
	}
	if isNumeric(host) {
		return fmt.Errorf("%w: the host %q is a number", ErrAddress, host)
	}
	if isThisMachine(host) {
		return n.checkIP(netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	}
	return nil
}

// isNumeric reports a host that ends in a number, and yet is no address as it is
// written: some resolvers make one of 2130706433, 0x7f000001 or 127.1.
func isNumeric(host string) bool {
	last := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil || last != "" && strings.Trim(last, "0123456789") == ""
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// nat64 is where networks with IPv6 only show the IPv4 world (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func (n *Network) checkIP(ip netip.Addr) error {
	if ip = ip.Unmap(); nat64.Contains(ip) {
		wide := ip.As16()
		ip = netip.AddrFrom4([4]byte(wide[12:]))
	}
	if err := n.safe.SafeAddr(ip); err != nil {
		return fmt.Errorf("%w: %s is of a private network (WithPrivateAddresses, or --allow-private, allows it)", ErrAddress, ip)
	}
	return nil
}

// proxied reports whether a proxy does the dialing, and resolves the name.
func proxied(transport *http.Transport, req *http.Request) bool {
	if transport.Proxy == nil {
		return false
	}
	proxy, err := transport.Proxy(req)
	return proxy != nil || err != nil
}
