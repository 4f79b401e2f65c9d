package relay

import (
	"regexp"
	"strings"
)

// No URL holds a space or a control character; a sentence that begins with a URL does.
var (
	anyURL  = regexp.MustCompile(`^[A-Za-z0-9+.-]+://[^\pZ\p{Cc}]+$`)
	dataURL = regexp.MustCompile(`^(?i:data):(;[^,\pZ\p{Cc}]*|[^,\pZ\p{Cc}]*/[^,\pZ\p{Cc}]*)?,`) // RFC 2397
)

// isVideoURL tells a URL that a video may have from text, because relays put
// reasons where a URL belongs. It is an http or https URL with a host, or a data
// URL, of which only the beginning is checked: the rest may be megabytes.
func isVideoURL(s string) bool {
	scheme, rest, _ := strings.Cut(s, ":")
	switch strings.ToLower(scheme) {
	case "data":
		return dataURL.MatchString(s)
	case "http", "https":
		return anyURL.MatchString(s) && hasHost(rest)
	}
	return false
}

// isURL reports a URL of any scheme, such as ftp or file.
func isURL(s string) bool { return anyURL.MatchString(s) }

// firstURL returns the first candidate that matches, without the space around it.
func firstURL(match func(string) bool, candidates ...string) string {
	for _, candidate := range candidates {
		if candidate = strings.TrimSpace(candidate); match(candidate) {
			return candidate
		}
	}
	return ""
}

// hasHost reports whether the part of a URL after its scheme begins with a host.
func hasHost(afterScheme string) bool {
	authority := strings.TrimPrefix(afterScheme, "//")
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		authority = authority[:end]
	}
	host := authority[strings.LastIndexByte(authority, '@')+1:]
	return host != "" && host[0] != ':' && (host[0] != '[' || strings.Contains(host, "]"))
}
