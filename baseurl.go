package xiexus

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/xiexus/xiexus-go/internal/ssrf"
)

// parseBaseURL parses a base URL as people write it. The result has no trailing slash
// and no /v1, which the paths of the OpenAPI document begin with.
func parseBaseURL(raw string, insecureHTTP bool) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return nil, errors.New("the base URL is empty")
	}
	withScheme := strings.Contains(raw, "://")
	if !withScheme {
		raw = "https://" + raw
	}
	base, err := url.Parse(raw)
	if err != nil || !hasValidHost(base) {
		return nil, errors.New("cannot parse the base URL; it should look like " + DefaultBaseURL)
	}
	base.Scheme = strings.ToLower(base.Scheme)
	if !withScheme && ssrf.IsLoopback(base.Hostname()) {
		base.Scheme = "http"
	}
	if err := checkBaseURL(base, insecureHTTP); err != nil {
		return nil, err
	}
	return trimBasePath(base), nil
}

// hasValidHost rejects what url.Parse makes of a mistyped URL: the host "https:" of
// "https:/relay.example.com", or an IPv6 address without brackets.
func hasValidHost(base *url.URL) bool {
	if strings.HasSuffix(base.Host, ":") || strings.Contains(base.Hostname(), ":") && base.Host[0] != '[' {
		return false
	}
	_, err := strconv.ParseUint(cmp.Or(base.Port(), "1"), 10, 16)
	return err == nil
}

// checkBaseURL rejects what cannot be a base URL, or would expose the key.
func checkBaseURL(base *url.URL, insecureHTTP bool) error {
	switch {
	case base.User != nil:
		return errors.New("the base URL must not contain a user name or password")
	case base.Hostname() == "":
		return fmt.Errorf("the base URL %q has no host; it should look like %s", base, DefaultBaseURL)
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return fmt.Errorf("the base URL %q must not have a query or fragment", base)
	case base.Scheme == "https":
		return nil
	case base.Scheme != "http":
		return fmt.Errorf("the base URL %q must use http or https", base)
	case !insecureHTTP && !ssrf.IsLoopback(base.Hostname()):
		return fmt.Errorf("base URL %q: the key would be sent in clear text; use https or WithInsecureHTTP", base)
	}
	return nil
}

// trimBasePath resolves dot segments and removes trailing slashes and a final /v1.
func trimBasePath(base *url.URL) *url.URL {
	resolved := (&url.URL{Path: "/"}).JoinPath(base.EscapedPath())
	path := strings.TrimRight(resolved.EscapedPath(), "/")
	if n := len(path) - len("/v1"); n >= 0 && strings.EqualFold(path[n:], "/v1") {
		path = strings.TrimRight(path[:n], "/")
	}
	trimmed := &url.URL{Scheme: base.Scheme, Host: base.Host}
	trimmed.Path, _ = url.PathUnescape(path) // EscapedPath is always valid
	trimmed.RawPath = path
	return trimmed
}
