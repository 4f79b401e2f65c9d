package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

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
	guarded http.RoundTripper // network, with addresses checked when they are dialed
}

// NewNetwork returns a Network over network. Addresses of this machine and of
// private networks are allowed if base is one itself, and all if anywhere is set.
//
// Where network is an http.Transport, each address is checked after its name is
// resolved. Behind a proxy, and with any other RoundTripper, only the URL is seen.
func NewNetwork(network http.RoundTripper, base *url.URL, anywhere bool) *Network {
	n := &Network{home: auth.OriginOf(base), network: network, guarded: network}
	if anywhere {
		return n
	}
	n.safe = guardianFor(base.Hostname())
	if transport, ok := network.(*http.Transport); ok {
		n.guarded = n.guard(transport)
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
	if proxied(n.network, req) {
		return n.network.RoundTrip(req)
	}
	return n.guarded.RoundTrip(req)
}

// CloseIdleConnections closes what is kept open for later requests.
func (n *Network) CloseIdleConnections() {
	for _, transport := range []http.RoundTripper{n.network, n.guarded} {
		if closer, ok := transport.(interface{ CloseIdleConnections() }); ok {
			closer.CloseIdleConnections()
		}
	}
}

// check refuses what can be seen of an address without asking for it.
func (n *Network) check(address *url.URL) error {
	host := address.Hostname()
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
	if isThisMachine(host) {
		return n.checkIP(netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	}
	return nil
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

// guard returns a copy of transport that checks addresses when it dials them.
func (n *Network) guard(transport *http.Transport) *http.Transport {
	guarded := transport.Clone()
	if dial := transport.DialContext; dial != nil {
		guarded.DialContext = n.afterDial(dial)
	} else {
		dialer := &net.Dialer{Timeout: 30 * time.Second, Control: n.beforeDial}
		guarded.DialContext = dialer.DialContext
	}
	if dial := transport.DialTLSContext; dial != nil {
		guarded.DialTLSContext = n.afterDial(dial)
	}
	return guarded
}

// beforeDial sees an address as it was resolved.
func (n *Network) beforeDial(_, address string, _ syscall.RawConn) error {
	resolved, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAddress, err)
	}
	return n.checkIP(resolved.Addr())
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// afterDial checks where the caller's own way to dial has led, before anything is sent.
func (n *Network) afterDial(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		var failed *net.OpError
		switch {
		case errors.As(err, &failed):
			return nil, cmp.Or(n.checkPeer(failed.Addr), err)
		case err != nil:
			return nil, err
		}
		if err := n.checkPeer(conn.RemoteAddr()); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return conn, nil
	}
}

// checkPeer knows nothing against what is no TCP address.
func (n *Network) checkPeer(peer net.Addr) error {
	if tcp, ok := peer.(*net.TCPAddr); ok {
		return n.checkIP(tcp.AddrPort().Addr())
	}
	return nil
}

// proxied reports whether a proxy does the dialing, and resolves the name.
func proxied(network http.RoundTripper, req *http.Request) bool {
	transport, ok := network.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return false
	}
	proxy, err := transport.Proxy(req)
	return proxy != nil || err != nil
}
