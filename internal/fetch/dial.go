package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// guard returns a copy of transport that checks addresses when it dials them.
func (n *Network) guard(transport *http.Transport, dialer *net.Dialer) *http.Transport {
	guarded := transport.Clone()
	switch dial := dialOf(transport); {
	case dialer != nil:
		checking := *dialer
		checking.Control = n.beforeDial
		guarded.DialContext = checking.DialContext
	case dial != nil:
		guarded.DialContext = n.afterDial(dial)
	default:
		guarded.DialContext = (&net.Dialer{Timeout: 30 * time.Second, Control: n.beforeDial}).DialContext
	}
	if dial := dialTLSOf(transport); dial != nil {
		guarded.DialTLSContext = n.afterDial(dial)
	}
	if guarded.TLSNextProto == nil && guarded.TLSClientConfig != nil && slices.Contains(guarded.TLSClientConfig.NextProtos, "h2") {
		guarded.ForceAttemptHTTP2 = true // what it offers; net/http leaves it out where there is a dialer
	}
	return guarded
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// dialOf returns the caller's own way to dial, or nil.
func dialOf(transport *http.Transport) dialFunc {
	//lint:ignore SA1019 callers may have set it, and it must not be a way around
	old := transport.Dial
	if transport.DialContext != nil || old == nil {
		return transport.DialContext
	}
	return func(_ context.Context, network, address string) (net.Conn, error) { return old(network, address) }
}

// dialTLSOf returns the caller's own way to dial with TLS, or nil.
func dialTLSOf(transport *http.Transport) dialFunc {
	//lint:ignore SA1019 as above
	old := transport.DialTLS
	if transport.DialTLSContext != nil || old == nil {
		return transport.DialTLSContext
	}
	return func(_ context.Context, network, address string) (net.Conn, error) { return old(network, address) }
}

// beforeDial sees an address as it was resolved.
func (n *Network) beforeDial(_, address string, _ syscall.RawConn) error {
	resolved, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAddress, err)
	}
	return n.checkIP(resolved.Addr())
}

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
