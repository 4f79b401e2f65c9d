package safetext

import (
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON escapes the control and format characters that JSON allows unescaped, because a terminal
// would interpret them. Line breaks are kept.
func JSON(encoded []byte) []byte {
	escaped := make([]byte, 0, len(encoded))
	for _, r := range string(encoded) {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			for _, unit := range utf16.AppendRune(nil, r) {
				escaped = fmt.Appendf(escaped, "\\u%04x", unit)
			}
			continue
		}
		escaped = utf8.AppendRune(escaped, r)
	}
	return escaped
}
