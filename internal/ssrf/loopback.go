package ssrf

import (
	"context"
	"fmt"
	"net"
	"net/http"
)

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// LoopbackOnly returns a copy of a transport that connects to this machine only, and
// directly: a proxy would see everything that is sent over plain http, and a resolver may
// return any address for a name such as relay.localhost. [net/http] would use the proxy
// from the environment for most such names. Nothing is sent over a connection to any other
// address; requests then fail with [ErrRefused]. Connections that are not TCP are the
// business of who made the transport.
func LoopbackOnly(transport *http.Transport) *http.Transport {
	dial := dialerOf(transport)
	local := transport.Clone()
	local.Proxy = nil
	local.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		// A tunnel reports the unspecified address for a connection at its other end.
		peer, isTCP := conn.RemoteAddr().(*net.TCPAddr)
		if isTCP && !peer.IP.IsLoopback() && !peer.IP.IsUnspecified() {
			_ = conn.Close()
			return nil, fmt.Errorf("%w: %s is not on this machine but at %s, where plain http would expose the key; "+
				"use https or WithInsecureHTTP", ErrRefused, address, peer.IP)
		}
		return conn, nil
	}
	return local
}

// dialerOf returns how a transport dials.
func dialerOf(transport *http.Transport) dialFunc {
	switch {
	case transport.DialContext != nil:
		return transport.DialContext
	//lint:ignore SA1019 It is deprecated, but callers may have set it.
	case transport.Dial != nil: //nolint:staticcheck // as above
		return func(_ context.Context, network, address string) (net.Conn, error) {
			//lint:ignore SA1019 As above.
			return transport.Dial(network, address) //nolint:staticcheck // as above
		}
	}
	return new(net.Dialer).DialContext
}
