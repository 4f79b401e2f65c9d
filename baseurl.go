package xiexus

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/xiexus/xiexus-go/internal/ssrf"
)

// parseBaseURL parses a base URL as people write or paste it. The result has no trailing
// slash and no /v1, which the paths of the OpenAPI document begin with.
func parseBaseURL(pasted string, insecureHTTP bool) (*url.URL, error) {
	raw := unwrapURL(pasted)
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
	if ssrf.IsLoopback(base.Hostname()) {
		base.Host = withoutFinalDot(strings.ToLower(base.Host))
		if !withScheme {
			base.Scheme = "http"
		}
	}
	if err := checkBaseURL(base, insecureHTTP); err != nil {
		return nil, err
	}
	return trimBasePath(base), nil
}

// around is the quotes and the punctuation that people paste around a URL.
const around = "\"'`<>,;“”‘’《》，；。"

// unwrapURL removes what is around a URL: quotes, punctuation, white space, and the method
// of a request.
func unwrapURL(pasted string) string {
	raw := strings.TrimFunc(pasted, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(around, r)
	})
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if rest, found := strings.CutPrefix(raw, method+" "); found {
			raw = strings.TrimSpace(rest)
		}
	}
	return raw
}

// withoutFinalDot makes an absolute name of a host relative. Not every resolver takes
// "127.0.0.1." for an address.
func withoutFinalDot(host string) string {
	if name, found := strings.CutSuffix(host, "."); found {
		return name
	}
	return strings.Replace(host, ".:", ":", 1)
}

// hasValidHost rejects what url.Parse makes of a mistyped URL: the host "https:" of
// "https:/relay.example.com", an IPv6 address without brackets, or quotes.
func hasValidHost(base *url.URL) bool {
	if strings.ContainsAny(base.Host, around) || strings.HasSuffix(base.Host, ":") || strings.Contains(base.Hostname(), ":") && base.Host[0] != '[' {
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

// trimBasePath resolves dot segments and removes trailing slashes and a final /v1, also
// with the rest of the URL of an endpoint.
func trimBasePath(base *url.URL) *url.URL {
	resolved := (&url.URL{Path: "/"}).JoinPath(base.EscapedPath())
	segments := strings.Split(strings.TrimRight(resolved.EscapedPath(), "/"), "/")
	for i, segment := range segments {
		if strings.EqualFold(segment, "v1") && isEndpoint(segments[i+1:]) {
			segments = segments[:i]
			break
		}
	}
	path := strings.TrimRight(strings.Join(segments, "/"), "/")
	trimmed := &url.URL{Scheme: base.Scheme, Host: base.Host}
	trimmed.Path, _ = url.PathUnescape(path) // EscapedPath is always valid
	trimmed.RawPath = path
	return trimmed
}

// isEndpoint reports whether the segments after /v1 are those of an endpoint, or none. The
// base URL of a gateway may have a /v1 of its own.
func isEndpoint(segments []string) bool {
	if len(segments) == 0 {
		return true
	}
	switch strings.ToLower(segments[0]) {
	case "video", "videos", "tasks", "models", "chat", "images":
		return true
	}
	return false
}
