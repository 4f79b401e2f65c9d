package relay

import (
	"strings"
	"unicode"
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
		return found && !strings.ContainsFunc(mediaType, isBlank)
	case "http", "https":
		authority, found := strings.CutPrefix(rest, "//")
		return found && authority != "" && !strings.ContainsRune("/?#:", rune(authority[0])) &&
			!strings.ContainsFunc(s, isBlank)
	}
	return false
}

func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
