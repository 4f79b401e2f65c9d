package relay

import (
	"strings"
	"unicode"
)

// isVideoURL reports whether s is a URL that a video may have, and not text: relays put
// reasons where a URL belongs. It is an http or https URL with a host, or a data
// URL, of which only the beginning is checked: the rest may be megabytes.
func isVideoURL(s string) bool {
	scheme, rest, _ := strings.Cut(s, ":")
	switch strings.ToLower(scheme) {
	case "data": // RFC 2397: a media type, a comma, the data
		mediaType, _, found := strings.Cut(rest, ",")
		typed := mediaType == "" || mediaType[0] == ';' || strings.Contains(mediaType, "/")
		return found && typed && !hasSpace(mediaType)
	case "http", "https":
		return isURL(s) && hasHost(rest)
	}
	return false
}

// isURL reports whether s is a URL of any scheme, such as ftp or file.
func isURL(s string) bool {
	scheme, rest, found := strings.Cut(s, "://")
	return found && scheme != "" && rest != "" && !hasSpace(rest) &&
		strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+-.") == ""
}

// hasSpace reports whether s has a space or a control character, as no URL has, but a
// sentence that begins with one.
func hasSpace(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

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
