package location

import (
	"fmt"
	"hash/crc32"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestStem is how many bytes of text a file name has before its extension. File systems
// allow 255 for the complete name.
const longestStem = 200

// forbidden are the characters that Windows does not allow in file names, and the braces of
// templates for them.
const forbidden = `/\:*?"<>|{}`

// SafeText returns text without what is not allowed in the name of a file, in at most a
// number of bytes: each separator, control character and the like becomes "_", and each run
// of white space a space.
func SafeText(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || strings.ContainsRune(forbidden, r) || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
	return strings.TrimSpace(cut(text, limit))
}

// SafeStem returns text, which is before, kept and after, as the name of a file without an
// extension: it is [SafeText], has no leading dot or hyphen, and is not a device on Windows. Of
// a long text, kept is not cut, and a checksum keeps names apart that differ only in what is.
func SafeStem(before, kept, after string) string {
	text := before + kept + after
	stem := unreserved(strings.TrimRight(SafeText(text, len(text)), " ."))
	if len(stem) <= longestStem {
		return stem
	}
	room := max(longestStem-len(kept), 0)
	before = cut(before, room)
	after = cut(after, room-len(before))
	stem = unreserved(SafeText(before+kept+after, max(longestStem, len(kept))))
	return fmt.Sprintf("%s-%08x", stem, crc32.ChecksumIEEE([]byte(text)))
}

// unreserved returns a name that is not empty, hidden, an option or a device.
func unreserved(name string) string {
	if name == "" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-") || isDevice(name) {
		return "_" + name
	}
	return name
}

// cut returns the first bytes of text, without a character that is only partly among them.
func cut(text string, limit int) string {
	for len(text) > limit {
		_, last := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-last]
	}
	return text
}

// isDevice reports whether Windows reserves a name, with any extension, for a device.
func isDevice(name string) bool {
	name, _, _ = strings.Cut(strings.ToUpper(name), ".")
	name = strings.TrimRight(name, " ")
	switch name {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	digit, isPort := strings.CutPrefix(name, "COM")
	if !isPort {
		digit, isPort = strings.CutPrefix(name, "LPT")
	}
	return isPort && utf8.RuneCountInString(digit) == 1 && strings.Trim(digit, "0123456789¹²³") == ""
}
