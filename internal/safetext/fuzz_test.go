package safetext_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

func FuzzLine(f *testing.F) {
	for _, seed := range []string{"", "a b", "\x1b[31mred\x1b[0m", "a\r\nb", "\u202ea", "视频\xff", "\u200b\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		line := safetext.Line(text, 20)
		require.True(t, utf8.ValidString(line))
		require.LessOrEqual(t, utf8.RuneCountInString(line), 21)
		require.Equal(t, -1, strings.IndexFunc(line, func(r rune) bool {
			return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) && r != ' '
		}))
	})
}
