package safetext_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

func TestLine_OneSafeLine(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", ""},
		{"plain", "quota exceeded", "quota exceeded"},
		{"punctuation", `{"a": <b> & 100% \x1b}`, `{"a": <b> & 100% \x1b}`},
		{"spaces", "  a   b  ", "a b"},
		{"newlines", "a\nb\n\nc\n", "a b c"},
		{"CRLF", "a\r\nb\r\n", "a b"},
		{"carriage return, which would overwrite", "failed\rcompleted", "failed completed"},
		{"tabs", "\ta\t\tb", "a b"},
		{"vertical tab, form feed", "a\vb\fc", "a b c"},
		{"other line ends", "a\u0085b\u2028c\u2029d", "a b c d"},
		{"wide spaces", "a\u00a0b\u3000c\u2003d", "a b c d"},

		{"colour", "\x1b[31mred\x1b[0m", "[31mred [0m"},
		{"cursor up and clear", "a\x1b[1A\x1b[2Kb", "a [1A [2Kb"},
		{"C1 sequence", "a\u009b31mb", "a 31mb"},
		{"C1 sequence in a raw byte", "a\x9b31mb", "a 31mb"},
		{"window title", "\x1b]0;title\x07text", "]0;title text"},
		{"hyperlink", "\x1b]8;;https://evil.test\x1b\\text\x1b]8;;\x1b\\", `]8;;https://evil.test \text ]8;; \`},
		{"backspace", "a\b\bb", "a b"},
		{"NUL and delete", "a\x00b\x7fc", "a b c"},
		{"bell", "\aa\a", "a"},
		{"control characters only", "\x1b\x00\x07\r\n", ""},

		{"bidi override", "video\u202e4pm.exe", "video 4pm.exe"},
		{"bidi embedding", "\u202aa\u202bb\u202cc\u202d", "a b c"},
		{"bidi isolates", "\u2066a\u2067b\u2068c\u2069", "a b c"},
		{"bidi marks", "a\u200eb\u200fc\u061cd", "a b c d"},
		{"zero width", "a\u200bb\u200cc\u200dd\u2060e", "a b c d e"},
		{"byte order mark", "\ufefftext", "text"},
		{"soft hyphen", "a\u00adb", "a b"},
		{"tag characters", "a\U000e0041\U000e007fb", "a b"},

		{"invalid UTF-8", "a\xffb\xc3", "a b"},
		{"cut in the middle of a character", "视频"[:4], "视"},
		{"surrogate in UTF-8", "a\xed\xa0\x80b", "a b"},
		{"overlong newline", "a\xc0\x8ab", "a b"},
		{"replacement character", "a\ufffdb", "a b"},

		{"Chinese", "视频生成失败：额度不足。", "视频生成失败：额度不足。"},
		{"Japanese", "動画の生成に失敗しました", "動画の生成に失敗しました"},
		{"Korean", "비디오 생성 실패", "비디오 생성 실패"},
		{"right to left", "فشل إنشاء الفيديو", "فشل إنشاء الفيديو"},
		{"accents, composed and decomposed", "é e\u0301", "é e\u0301"},
		{"emoji", "done 🎬", "done 🎬"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, safetext.Line(tt.text, 500))
			require.Equal(t, tt.want, safetext.Line(tt.want, 500), "a safe line is unchanged")
		})
	}
}

func TestLine_IsLimited(t *testing.T) {
	tests := []struct {
		name, text string
		limit      int
		want       string
	}{
		{"shorter", "abc", 4, "abc"},
		{"at the limit", "abcd", 4, "abcd"},
		{"longer", "abcde", 4, "abc…"},
		{"characters, not bytes", "视频生成", 4, "视频生成"},
		{"cut between characters", "视频生成失败", 4, "视频生…"},
		{"omitted characters do not count", "a\x1b\x1b\n\u200b b", 3, "a b"},
		{"cut at a space", "abc def", 4, "abc…"},
		{"empty", "", 0, ""},
		{"limit of 0", "a", 0, "…"},
		{"long", strings.Repeat("失败 ", 10_000), 5, "失败 失…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, safetext.Line(tt.text, tt.limit))
		})
	}
}

func TestLine_OmitsEveryControlAndFormatCharacter(t *testing.T) {
	for _, table := range []*unicode.RangeTable{unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.White_Space} {
		for _, r := range table.R16 {
			for c := rune(r.Lo); c <= rune(r.Hi); c += rune(r.Stride) {
				requireOmitted(t, string(c))
			}
		}
		for _, r := range table.R32 {
			for c := rune(r.Lo); c <= rune(r.Hi); c += rune(r.Stride) {
				requireOmitted(t, string(c))
			}
		}
	}
	for b := 0x80; b <= 0xff; b++ {
		requireOmitted(t, string([]byte{byte(b)}))
	}
}

func requireOmitted(t *testing.T, s string) {
	t.Helper()
	require.Equal(t, "a b", safetext.Line(s+"a"+s+s+"b"+s, 10), "%q", s)
}
