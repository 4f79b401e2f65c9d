package location

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestSafeStem(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"plain", "a cat, at 5 o'clock", "a cat, at 5 o'clock"},
		{"other scripts", "钢琴上的猫 🐈", "钢琴上的猫 🐈"},
		{"separators", `../../etc/passwd`, "_.._.._etc_passwd"},
		{"separators of Windows", `C:\x`, "C__x"},
		{"characters of Windows", `a*b?"c"<d>|{e}`, "a_b__c__d___e_"},
		{"lines", " a\r\n\tb ", "a b"},
		{"control and format characters", "a\x00\x1b[2J\u202eb", "a__[2J_b"},
		{"invalid UTF-8", "a\xffb", "a_b"},
		{"dots and spaces at the end", "a. . .", "a"},
		{"nothing", "", "_"},
		{"dots", "...", "_"},
		{"a hidden file", ".a", "_.a"},
		{"an option", "-rf", "_-rf"},
		{"a device", "Con", "_Con"},
		{"a device with an extension", "nul.tar", "_nul.tar"},
		{"a device with a space", "aux .x", "_aux .x"},
		{"a port", "com¹", "_com¹"},
		{"not a port", "com10", "com10"},
		{"too long", strings.Repeat("视", 100), strings.Repeat("视", 66) + "-98916b0a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, SafeStem(test.text, "", ""))
		})
	}
}

func TestSafeText_IsLimited(t *testing.T) {
	require.Equal(t, "视", SafeText("视频", 5))
	require.Equal(t, "a", SafeText("a b", 2))
}

func FuzzSafeStem(f *testing.F) {
	f.Add("a cat")
	f.Add("\x00/..")
	f.Fuzz(func(t *testing.T, text string) {
		stem := SafeStem(text, "", "")
		require.True(t, utf8.ValidString(stem))
		require.Less(t, len(stem), 220)
		require.Equal(t, stem, filepath.Base(stem))
		require.False(t, strings.HasPrefix(stem, "."))
		require.False(t, strings.ContainsAny(stem, forbidden+"\x00\n\x1b"))
		require.Equal(t, stem, strings.TrimRight(stem, " ."))
	})
}
