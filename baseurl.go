package xiexus

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// parseBaseURL takes a base URL as people write it and returns it without a
// trailing slash and without /v1, which the document's paths begin with.
func parseBaseURL(written string, insecureHTTP bool) (*url.URL, error) {
	address := strings.TrimSpace(written)
	if address == "" {
		return nil, errors.New("the base URL is empty")
	}
	withScheme := strings.Contains(address, "://")
	if !withScheme {
		address = "https://" + address
	}
	base, err := url.Parse(address)
	if err != nil || !hasGoodHost(base) {
		return nil, errors.New("the base URL cannot be parsed: write it like " + DefaultBaseURL)
	}
	base.Scheme = strings.ToLower(base.Scheme)
	if !withScheme && isLoopback(base.Hostname()) {
		base.Scheme = "http"
	}
	if err := checkBaseURL(base, insecureHTTP); err != nil {
		return nil, err
	}
	return trimBasePath(base), nil
}

// hasGoodHost refuses what is left of a mistyped address, such as the host
// "https" of "https:/relay.example.com", or an IPv6 address without its brackets.
func hasGoodHost(base *url.URL) bool {
	if strings.HasSuffix(base.Host, ":") || strings.Contains(base.Hostname(), ":") && base.Host[0] != '[' {
		return false
	}
	_, err := strconv.ParseUint(cmp.Or(base.Port(), "1"), 10, 16)
	return err == nil
}

// checkBaseURL refuses what cannot be a base URL, or would show the key to others.
func checkBaseURL(base *url.URL, insecureHTTP bool) error {
	switch {
	case base.User != nil:
		return errors.New("the base URL holds a user name or password: take them out")
	case base.Hostname() == "":
		return fmt.Errorf("the base URL %q has no host: write it like %s", base, DefaultBaseURL)
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return fmt.Errorf("the base URL %q has a query or a fragment: take it out", base)
	case base.Scheme == "https":
		return nil
	case base.Scheme != "http":
		return fmt.Errorf("the base URL %q is not http or https", base)
	case !insecureHTTP && !isLoopback(base.Hostname()):
		return fmt.Errorf("the base URL %q would send the key in clear text: use https, or allow plain http", base)
	}
	return nil
}

// trimBasePath resolves dots and takes trailing slashes and a last /v1 off.
func trimBasePath(base *url.URL) *url.URL {
	resolved := (&url.URL{Path: "/"}).JoinPath(base.EscapedPath())
	path := strings.TrimRight(resolved.EscapedPath(), "/")
	if n := len(path) - len("/v1"); n >= 0 && strings.EqualFold(path[n:], "/v1") {
		path = strings.TrimRight(path[:n], "/")
	}
	trimmed := &url.URL{Scheme: base.Scheme, Host: base.Host}
	trimmed.Path, _ = url.PathUnescape(path) // it has been escaped just now
	trimmed.RawPath = path
	return trimmed
}

// isLoopback reports whether a host is this machine (RFC 6761 for the name).
func isLoopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
