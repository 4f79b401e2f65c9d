// Package safetext makes untrusted text safe to print on a terminal or in a log.
package safetext

import (
	"strings"
	"unicode"
)

// Line returns s as one line of at most limit characters, without control and
// format characters: those could move the cursor or reverse the text.
func Line(s string, limit int) string {
	fields := strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
	})
	line := strings.Join(fields, " ")
	if runes := []rune(line); len(runes) > limit {
		return string(runes[:max(limit-1, 0)]) + "…"
	}
	return line
}
