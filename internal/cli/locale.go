package cli

import (
	"cmp"
	"regexp"
	"strings"
)

// languageTag matches what RFC 5646 and locales have in common: a language, and perhaps a
// script, a region or a variant.
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$`)

// acceptLanguage returns the Accept-Language header for the locale of messages (POSIX), or
// an empty string if there is none. English is acceptable to all.
func acceptLanguage(getenv func(string) string) string {
	locale := cmp.Or(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"))
	locale, _, _ = strings.Cut(locale, "@") // a modifier
	locale, _, _ = strings.Cut(locale, ".") // the encoding
	tag := strings.ReplaceAll(locale, "_", "-")
	if !languageTag.MatchString(tag) { // also C and POSIX
		return ""
	}
	language, _, hasRegion := strings.Cut(tag, "-")
	languages := []string{tag}
	if hasRegion {
		languages = append(languages, language+";q=0.9")
	}
	if !strings.EqualFold(language, "en") {
		languages = append(languages, "en;q=0.5")
	}
	return strings.Join(languages, ",")
}
