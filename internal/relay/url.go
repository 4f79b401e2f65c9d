package relay

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
)

// finder collects the URLs of videos.
type finder struct {
	base *url.URL // that relative URLs are relative to, or nil
	// rejected is the first text in place of a URL that is not the URL of a video.
	rejected string
	// stills are the URLs of pictures, such as the last frame of a video.
	stills []string
}

// urls returns the URLs below a value. Several are those of several videos: elements of a
// list, or the first URL followed by the list that has more. Other members of an object
// repeat the same video, such as the URL of its vendor beside that of the relay.
func (f *finder) urls(v *value, name string, levels int) []string {
	if v == nil || levels == 0 {
		return nil
	}
	v.decode()
	var all []string
	for _, element := range v.elements {
		for _, u := range f.urls(element, name, levels-1) {
			if !slices.Contains(all, u) && len(all) < longestList {
				all = append(all, u)
			}
		}
	}
	for _, name := range urlNames {
		all = merge(all, f.urls(v.members[name], name, levels-1))
	}
	if len(all) == 0 && len(v.elements)+len(v.members) == 0 {
		return f.parse(v.text(), name)
	}
	return all
}

// merge returns the URLs of the videos that two places name.
func merge(known, more []string) []string {
	switch {
	case len(known) == 0:
		return more
	case len(known) > 1 || len(more) < 2:
		return known
	case slices.Contains(more, known[0]):
		more = slices.DeleteFunc(more, func(u string) bool { return u == known[0] })
		return append(known, more...)
	}
	return append(known, more[1:]...) // the same videos, the first by another URL
}

// parse returns the URL in the text of a member, or nothing.
func (f *finder) parse(text, name string) []string {
	switch u := f.parseURL(text); {
	case isStill(u):
		f.stills = append(f.stills, u)
		return nil
	case u != "":
		return []string{u}
	}
	if lower := strings.ToLower(name); f.rejected == "" && (strings.HasSuffix(lower, "url") || strings.HasSuffix(lower, "uri")) {
		f.rejected = strings.TrimSpace(text)
	}
	return nil
}

// isStill reports whether the URL of a file names a picture.
func isStill(rawURL string) bool {
	beforeQuery, _, _ := strings.Cut(rawURL, "?")
	switch strings.ToLower(path.Ext(beforeQuery)) {
	case ".jpg", ".jpeg", ".png":
		return true
	}
	return false
}

// parseURL returns the URL of a video that a text is, or an empty string. It repairs what
// would otherwise not be one: quotes around it, slashes or ampersands escaped twice, blanks, a
// percent sign that begins no escape, a missing scheme and host.
func (f *finder) parseURL(text string) string {
	text = strings.Trim(text, " \t\r\n\"'`<>")
	text = strings.ReplaceAll(text, "&amp;", "&")
	if strings.Contains(text, `:\/\/`) {
		text = strings.ReplaceAll(text, `\/`, "/")
	}
	if f.base != nil && strings.HasPrefix(text, "/") && len(text) > 1 && !hasSpace(text) {
		if reference, err := url.Parse(escape(text)); err == nil {
			text = f.base.ResolveReference(reference).String()
		}
	}
	if !isVideoURL(text) {
		return ""
	}
	return escape(text)
}

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
		return strings.HasPrefix(rest, "//") && hasHost(rest) && (!hasSpace(rest) || namesFile(rest))
	}
	return false
}

// namesFile reports whether the part of a URL after its scheme, which has blanks, is a path
// to a file with an extension, and not the beginning of a sentence.
func namesFile(afterScheme string) bool {
	if strings.ContainsFunc(afterScheme, unicode.IsControl) {
		return false
	}
	beforeQuery, _, _ := strings.Cut(afterScheme, "?")
	host, filePath, _ := strings.Cut(strings.TrimPrefix(beforeQuery, "//"), "/")
	extension := strings.TrimPrefix(path.Ext(filePath), ".")
	return !hasSpace(host) && 2 <= len(extension) && len(extension) <= 5 &&
		strings.Trim(strings.ToLower(extension), "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// hasSpace reports whether s has a space or a control character, as no URL has, but a
// sentence that begins with one.
func hasSpace(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// escape escapes what makes a URL invalid, in an http or https URL: blanks, and, before its
// query, percent signs that begin no escape.
func escape(s string) string {
	if !strings.ContainsAny(s, " %") || strings.HasPrefix(strings.ToLower(s), "data:") {
		return s
	}
	var b strings.Builder
	inPath := true
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			b.WriteString("%20")
		case c == '%' && inPath && !isEscape(s[i:]):
			b.WriteString("%25")
		default:
			inPath = inPath && c != '?' && c != '#'
			b.WriteByte(c)
		}
	}
	return b.String()
}

// isEscape reports whether s begins with a percent sign and two hexadecimal digits.
func isEscape(s string) bool {
	const digits = "0123456789abcdefABCDEF"
	return len(s) >= 3 && strings.IndexByte(digits, s[1]) >= 0 && strings.IndexByte(digits, s[2]) >= 0
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
