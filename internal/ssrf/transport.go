package ssrf

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"
)

// Transport sends requests for untrusted URLs, as far as a [Policy] allows them.
type Transport struct {
	policy    Policy
	trusted   func(*http.Request) bool
	api       http.RoundTripper
	checked   *http.Transport   // checks what it dials; nil if the caller has set a transport
	unchecked http.RoundTripper // the caller's, or for proxies, which resolve names themselves
	proxy     func(*http.Request) (*url.URL, error)
}

// NewTransport returns a Transport. Trusted requests, which are meant for the relay itself,
// are sent over api and not checked. All others are sent over the caller's transport, or, if that is nil, over
// one with net/http's default settings, which checks each address before it is dialed.
// Over the caller's transport or a proxy, which resolve names themselves, only the URL
// is checked.
func NewTransport(policy Policy, trusted func(*http.Request) bool, api, callers http.RoundTripper) *Transport {
	t := &Transport{policy: policy, trusted: trusted, api: api, unchecked: callers, proxy: http.ProxyFromEnvironment}
	if callers == nil {
		t.checked, t.unchecked = newTransport(nil, policy.Control), newTransport(t.proxy, nil)
	}
	return t
}

// newTransport returns a transport with the settings of [http.DefaultTransport], which is
// not used itself: a program may have changed it.
func newTransport(
	proxy func(*http.Request) (*url.URL, error), control func(network, address string, conn syscall.RawConn) error,
) *http.Transport {
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second, Control: control}
	return &http.Transport{
		Proxy:               proxy,
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true, // off by default where a dialer is set
		MaxIdleConns:        100,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
	}
}

// RoundTrip sends req, or returns [ErrRefused].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.trusted(req) {
		return t.api.RoundTrip(req)
	}
	if err := t.policy.CheckURL(req.URL); err != nil {
		return nil, err
	}
	if t.checked != nil {
		if proxy, err := t.proxy(req); proxy == nil && err == nil {
			return t.checked.RoundTrip(req)
		}
	}
	if !t.policy.any && !isASCII(req.URL.Host) { // whoever resolves it may see an address
		return nil, fmt.Errorf("%w: host %q is not ASCII", ErrRefused, req.URL.Host)
	}
	return t.unchecked.RoundTrip(req)
}

// CloseIdleConnections closes idle connections.
func (t *Transport) CloseIdleConnections() {
	for _, transport := range []http.RoundTripper{t.api, t.unchecked} {
		(&http.Client{Transport: transport}).CloseIdleConnections()
	}
	if t.checked != nil {
		t.checked.CloseIdleConnections()
	}
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}
