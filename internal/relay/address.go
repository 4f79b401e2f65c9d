package relay

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isAddress tells an address from text: relays put reasons where an address
// belongs. An address is an http or https URL with a host, or a data URL.
func isAddress(s string) bool {
	scheme, rest, found := strings.Cut(s, ":")
	if !found {
		return false
	}
	switch strings.ToLower(scheme) {
	case "data":
		// RFC 2397: a media type, a comma, the data. It may be megabytes, so the data is not looked at.
		mediaType, _, found := strings.Cut(rest, ",")
		typed := mediaType == "" || mediaType[0] == ';' || strings.Contains(mediaType, "/")
		return found && typed && !hasBlank(mediaType)
	case "http", "https":
		return hasHost(rest) && !hasBlank(s)
	}
	return false
}

// isForeignURL reports a URL of another scheme, such as ftp or file.
func isForeignURL(s string) bool {
	scheme, rest, found := strings.Cut(s, "://")
	return found && rest != "" && scheme != "" && !hasBlank(s) && !isAddress(s) &&
		strings.IndexFunc(scheme, func(r rune) bool {
			return r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("+-.", r)
		}) < 0
}

// hasHost reports whether what follows a scheme begins with a host.
func hasHost(afterScheme string) bool {
	authority, found := strings.CutPrefix(afterScheme, "//")
	if !found {
		return false
	}
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		authority = authority[:end]
	}
	host := authority[strings.LastIndexByte(authority, '@')+1:]
	return host != "" && host[0] != ':' && (host[0] != '[' || strings.Contains(host, "]"))
}

// hasBlank reports a space or a control character, which no URL holds.
func hasBlank(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == 0x7f {
			return true
		} else if c >= utf8.RuneSelf {
			return strings.ContainsFunc(s[i:], func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
		}
	}
	return false
}
