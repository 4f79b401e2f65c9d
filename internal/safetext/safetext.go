// Package safetext makes text from elsewhere fit for a terminal or a log.
package safetext

import (
	"strings"
	"unicode"
)

// Line returns s as one line of at most longest characters, without control and
// format characters: those could move a cursor, or turn the text around.
func Line(s string, longest int) string {
	fields := strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
	})
	line := strings.Join(fields, " ")
	if runes := []rune(line); len(runes) > longest {
		return string(runes[:max(longest-1, 0)]) + "…"
	}
	return line
}
