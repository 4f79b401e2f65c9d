// Package screen prints tasks for people: tables, status lines, and bars on a
// terminal.
package screen

import (
	"fmt"
	"unicode/utf8"

	"github.com/xiexus/xiexus-go/internal/safetext"
)

// longestLine is how many characters of untrusted text are shown.
const longestLine = 2000

// Line returns untrusted text as one line that is safe to print on a terminal.
func Line(s string) string { return safetext.Line(s, longestLine) }

// Length returns how many characters an ID has when it is printed.
func Length(id string) int { return utf8.RuneCountInString(Line(id)) }

// percent returns an empty string if the progress is not known.
func percent(progress *int) string {
	if progress == nil {
		return ""
	}
	return fmt.Sprintf("%d%%", *progress)
}
